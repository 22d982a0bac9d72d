import type { ConditionNode, EntryNode, FilterNode, OperatorNode, OrderOperand } from '../filter.ast.js';
import type { FieldPath } from '../field-path.js';
import type { JsonScalar } from '../filter.types.js';
import { foldCase, likeParts } from '../text.js';
import type { Cover, Lead, LookupKind } from './lead.js';
import { bestCover } from './rank.js';
import { scalarKey } from './scalar-key.js';

/** Leads of one cover: more would make a filter larger in the index than it is itself. */
const MOST_LEADS = 128;
/** Characters of a text that a beginning or an end is looked up by. */
const AFFIX_LENGTH = 32;
/** Lengths of the parts that texts are looked up by, the longest that fits. */
export const PART_LENGTHS = [6, 3] as const;
/** Parts of one text that are thought about. */
const PARTS_TRIED = 8;

/**
 * The covers of a filter, any of which the index may choose: one for each condition that all matching data has to meet and
 * that a lookup can serve. None for a filter that can only be asked.
 */
export function coversOf({ entries }: FilterNode): Cover[] {
  return entries.flatMap(coversOfEntry);
}

function coversOfEntry(entry: EntryNode): Cover[] {
  switch (entry.kind) {
    case 'field':
      return coversOfCondition(entry.path, entry.condition).filter(isSmall);
    case 'and':
      return entry.filters.flatMap(coversOf);
    case 'or':
      return coverOfBranches(entry.filters);
    case 'not':
      return [];
  }
}

const isSmall = (cover: Cover): boolean => cover.length <= MOST_LEADS;

/** Data has to take one branch, and so has a lead of that branch's cover. */
function coverOfBranches(branches: readonly FilterNode[]): Cover[] {
  const all: Lead[] = [];
  for (const branch of branches) {
    const covers = coversOf(branch);
    const best = bestCover(covers);
    if (best === undefined) return [];
    const also = covers.filter((cover) => cover !== best);
    all.push(...(also.length === 0 ? best : best.map((lead) => addTo(lead, also))));
    if (all.length > MOST_LEADS) return [];
  }
  return [all];
}

const addTo = (lead: Lead, covers: readonly Cover[]): Lead => ({
  ...lead,
  also: [...(lead.also ?? []), ...covers],
});

function coversOfCondition(path: FieldPath, { operators, ignoreCase }: ConditionNode): Cover[] {
  // Nothing else can hold beside `exists: false`, and a missing field can't be looked up.
  if (operators.some((operator) => operator.name === 'exists' && !operator.operand)) return [];
  return [
    ...operators.flatMap((operator) => coversOfOperator(path, operator, ignoreCase)),
    ...intervalCovers(path, operators),
  ];
}

function coversOfOperator(path: FieldPath, operator: OperatorNode, ignoreCase: boolean): Cover[] {
  const lead = (kind: LookupKind, text: string): Lead => ({ kind, path, ignoreCase, key: text });
  const folded = (text: string): string => (ignoreCase ? foldCase(text) : text);
  switch (operator.name) {
    case 'eq':
      return isScalar(operator.operand) ? [valueLeads(path, [operator.operand], ignoreCase)] : [];
    case 'in':
      return [valueLeads(path, operator.items, ignoreCase)];
    case 'all':
      return operator.items.map((item) => valueLeads(path, [item], false));
    case 'contains': {
      const inList = valueLeads(path, [operator.operand], ignoreCase);
      if (typeof operator.operand !== 'string') return [inList];
      return partsOf(folded(operator.operand)).map((part) => [lead('part', part), ...inList]);
    }
    case 'startsWith':
      return [[lead('start', folded(operator.operand).slice(0, AFFIX_LENGTH))]];
    case 'endsWith':
      return [[lead('end', folded(operator.operand).slice(-AFFIX_LENGTH))]];
    case 'like': {
      const parts = likeParts(folded(operator.operand));
      const [first = ''] = parts;
      if (parts.length === 1) return [[lead('value', scalarKey(first) as string)]];
      const last = parts.at(-1) as string;
      return [
        ...(first === '' ? [] : [[lead('start', first.slice(0, AFFIX_LENGTH))]]),
        ...(last === '' ? [] : [[lead('end', last.slice(-AFFIX_LENGTH))]]),
        ...parts.slice(1, -1).flatMap((part) => partsOf(part).map((key) => [lead('part', key)])),
      ];
    }
    case 'any':
      return coversOf(operator.filter).flatMap((cover) => within(path, cover));
    default:
      return [];
  }
}

function valueLeads(path: FieldPath, items: readonly JsonScalar[], ignoreCase: boolean): Cover {
  const keys = new Set(
    items.map((item) => scalarKey(ignoreCase && typeof item === 'string' ? foldCase(item) : item)),
  );
  return Array.from(keys, (key): Lead => ({ kind: 'value', path, ignoreCase, key }));
}

/** Some parts of a text, of the longest length that is looked up. */
function partsOf(text: string): string[] {
  const length = PART_LENGTHS.find((each) => each <= text.length);
  if (length === undefined) return [];
  const count = Math.min(PARTS_TRIED, text.length - length + 1);
  return Array.from({ length: count }, (_, at) => text.slice(at, at + length));
}

/** What is asked of an element is asked of the field within it, unless that field is named by its position in a list. */
function within(outer: FieldPath, cover: Cover): Cover[] {
  if (cover.some(({ path }) => path.parts[0]?.index !== undefined)) return [];
  return [
    cover.map((lead) => ({
      ...lead,
      path: joined(outer, lead.path),
      ...(lead.also && { also: lead.also.flatMap((inner) => within(outer, inner)) }),
    })),
  ];
}

const joined = ({ text, pointer, parts }: FieldPath, inner: FieldPath): FieldPath => ({
  text: `${text}.${inner.text}`,
  pointer: pointer + inner.pointer,
  parts: [...parts, ...inner.parts],
});

/** The bounds on one field together, since one value has to meet them all. */
function intervalCovers(path: FieldPath, operators: readonly OperatorNode[]): Cover[] {
  const bounds = { number: [-Infinity, Infinity], date: [-Infinity, Infinity] };
  const seen = { number: false, date: false };
  const bound = (operand: OrderOperand, side: 0 | 1): void => {
    const at = operand.kind === 'number' ? Number(operand.json) : operand.instant.ms;
    const both = bounds[operand.kind];
    both[side] = side === 0 ? Math.max(both[0] as number, at) : Math.min(both[1] as number, at);
    seen[operand.kind] = true;
  };
  for (const operator of operators) {
    if (operator.name === 'gt' || operator.name === 'gte') bound(operator.operand, 0);
    else if (operator.name === 'lt' || operator.name === 'lte') bound(operator.operand, 1);
    else if (operator.name === 'between') {
      bound(operator.low, 0);
      bound(operator.high, 1);
    }
  }
  return (['number', 'date'] as const)
    .filter((kind) => seen[kind])
    .map((kind) => {
      const [low, high] = bounds[kind] as [number, number];
      return low > high ? [] : [{ kind, path, ignoreCase: false, key: { low, high } }];
    });
}

const isScalar = (value: unknown): value is JsonScalar => typeof value !== 'object' || value === null;
