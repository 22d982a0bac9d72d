import type { ConditionNode, EntryNode, FilterNode, OperatorNode } from '../filter.ast.js';
import type { FieldPath } from '../field-path.js';
import type { JsonScalar } from '../filter.types.js';
import { foldCase, likeParts } from '../text.js';
import { intervalCovers } from './interval-covers.js';
import {
  ConditionBits,
  type Cover,
  IF_READABLE,
  type Lead,
  type LeadKey,
  type LookupKind,
  lookupIdOf,
  NEVER_PROVED,
  type Proof,
  type Unproved,
} from './lead.js';
import { PART_LENGTHS } from './part.lookup.js';
import { bestCover } from './rank.js';
import { scalarKey } from './scalar-key.js';

/** Most leads of one cover. More would take more memory in the index than the filter itself. */
const MOST_LEADS = 128;
/** Most characters of a beginning or an end that are looked up. */
const AFFIX_LENGTH = 32;
/** Most parts of one text that are considered. */
const PARTS_TRIED = 8;

/** How a filter can be found. */
export interface Covers {
  /** The index may choose any. Empty for a filter that always has to be checked. */
  readonly covers: readonly Cover[];
  /** What has to be proved for the filter to match without a check. */
  readonly unproved: Unproved;
}

/** The covers of a filter: one for each condition that all matching data has to meet and that a lookup can serve. */
export function coversOf(filter: FilterNode): Covers {
  return coversOfFilter(filter, new ConditionBits());
}

function coversOfFilter({ entries }: FilterNode, bits: ConditionBits): Covers {
  const [first] = entries;
  if (first && entries.length === 1) return coversOfEntry(first, bits);
  const covers: Cover[] = [];
  let unproved = 0;
  for (const entry of entries) {
    const own = coversOfEntry(entry, bits);
    covers.push(...own.covers);
    unproved |= own.unproved;
  }
  return { covers, unproved };
}

const NOTHING: Covers = { covers: [], unproved: NEVER_PROVED };

function coversOfEntry(entry: EntryNode, bits: ConditionBits): Covers {
  switch (entry.kind) {
    case 'field':
      return coversOfCondition(entry.path, entry.condition, bits);
    case 'and':
      return coversOfFilter({ entries: entry.filters.flatMap(({ entries }) => entries) }, bits);
    case 'or':
      return coverOfBranches(entry.filters, bits);
    case 'not':
      return NOTHING;
  }
}

/** The cover of an `or`: matching data meets one branch, so it has a lead of that branch's cover. */
function coverOfBranches(branches: readonly FilterNode[], bits: ConditionBits): Covers {
  const bit = bits.next();
  const all: Lead[] = [];
  for (const branch of branches) {
    const { covers, unproved } = coversOfFilter(branch, bits);
    const best = bestCover(covers);
    if (best === undefined) return NOTHING;
    const also = covers.filter((cover) => cover !== best);
    for (const lead of best) all.push(ofBranch(lead, also, { proves: bit, demands: unproved }));
    if (all.length > MOST_LEADS) return NOTHING;
  }
  return { covers: [all], unproved: bit | IF_READABLE };
}

function ofBranch(lead: Lead, also: readonly Cover[], { proves, demands }: Proof): Lead {
  const proof = { proves: lead.proof.proves | proves, demands: lead.proof.demands | demands };
  return also.length === 0
    ? { ...lead, proof }
    : { ...lead, proof, also: lead.also ? [...lead.also, ...also] : also };
}

function coversOfCondition(
  path: FieldPath,
  { operators, ignoreCase }: ConditionNode,
  bits: ConditionBits,
): Covers {
  let asking = 0;
  let order = 0;
  for (const operator of operators) {
    if (operator.name !== 'exists') asking += 1;
    // Nothing else can hold beside `exists: false`, and a missing field can't be looked up.
    else if (!operator.operand) return NOTHING;
    if (isOrder(operator)) order += 1;
  }
  const bit = bits.next();
  // Look-ups prove several operators only if all are bounds, looked up as one.
  const making = new LeadMaker(path, ignoreCase, asking === 1 ? bit : 0);
  const covers: Cover[] = [];
  for (const operator of operators) coversOfOperator(operator, making, covers);
  if (order > 0) covers.push(...intervalCovers(path, operators, order === asking ? bit : 0));
  const small = covers.every(isSmall) ? covers : covers.filter(isSmall);
  return { covers: small, unproved: bit };
}

const isSmall = (cover: Cover): boolean => cover.length <= MOST_LEADS;

const ORDER = new Set<string>(['gt', 'gte', 'lt', 'lte', 'between']);
const isOrder = ({ name }: OperatorNode): boolean => ORDER.has(name);

/** Makes the leads of one condition. */
class LeadMaker {
  private readonly whole: Proof;

  /** @param bit what a hit proves if it covers the whole condition */
  constructor(
    readonly path: FieldPath,
    readonly ignoreCase: boolean,
    bit: Unproved,
  ) {
    this.whole = bit === 0 ? NO_PROOF : { proves: bit, demands: 0 };
  }

  /** @param isWhole whether an exact hit proves the whole condition */
  lead(kind: LookupKind, key: LeadKey, isWhole: boolean, ignoreCase = this.ignoreCase): Lead {
    const { path, whole } = this;
    const lookupId = lookupIdOf(kind, path, ignoreCase);
    return { lookupId, kind, path, ignoreCase, key, proof: isWhole ? whole : NO_PROOF };
  }

  /** One lead for each different value. */
  values(items: readonly JsonScalar[], isWhole: boolean, ignoreCase = this.ignoreCase): Cover {
    const keys = items.map((item) =>
      scalarKey(ignoreCase && typeof item === 'string' ? foldCase(item) : item),
    );
    const different = keys.length === 1 ? keys : [...new Set(keys)];
    return different.map((key) => this.lead('value', key, isWhole, ignoreCase));
  }

  /** The text as it is looked up. */
  folded(text: string): string {
    return this.ignoreCase ? foldCase(text) : text;
  }

  /** By the beginning or the end. */
  affix(kind: 'start' | 'end', text: string, isWhole: boolean): Cover {
    const key = kind === 'start' ? text.slice(0, AFFIX_LENGTH) : text.slice(-AFFIX_LENGTH);
    return [this.lead(kind, key, isWhole && key.length === text.length)];
  }
}

const NO_PROOF: Proof = { proves: 0, demands: 0 };

function coversOfOperator(operator: OperatorNode, making: LeadMaker, covers: Cover[]): void {
  switch (operator.name) {
    case 'eq':
      if (isScalar(operator.operand)) covers.push(making.values([operator.operand], true));
      return;
    case 'in':
      covers.push(making.values(operator.items, true));
      return;
    case 'all':
      for (const item of operator.items)
        covers.push(making.values([item], operator.items.length === 1, false));
      return;
    case 'contains': {
      const { operand } = operator;
      const inList = making.values([operand], typeof operand === 'string');
      if (typeof operand !== 'string') {
        covers.push(inList);
        return;
      }
      const text = making.folded(operand);
      for (const part of partsOf(text))
        covers.push([making.lead('part', part, part.length === text.length), ...inList]);
      return;
    }
    case 'startsWith':
      covers.push(making.affix('start', making.folded(operator.operand), true));
      return;
    case 'endsWith':
      covers.push(making.affix('end', making.folded(operator.operand), true));
      return;
    case 'like':
      coversOfLike(likeParts(making.folded(operator.operand)), making, covers);
      return;
    case 'any':
      covers.push(...allWithin(making.path, coversOf(operator.filter).covers));
      return;
    default:
  }
}

function coversOfLike(parts: readonly string[], making: LeadMaker, covers: Cover[]): void {
  const [first = ''] = parts;
  if (parts.length === 1) {
    covers.push([making.lead('value', scalarKey(first) as string, true)]);
    return;
  }
  const last = parts.at(-1) as string;
  // With one star, at an end, the other end proves the whole pattern.
  const isWhole = parts.length === 2 && (first === '' || last === '');
  if (first !== '') covers.push(making.affix('start', first, isWhole));
  if (last !== '') covers.push(making.affix('end', last, isWhole));
  for (const part of parts.slice(1, -1))
    for (const key of partsOf(part)) covers.push([making.lead('part', key, false)]);
}

/** Some parts of a text, of the longest of {@link PART_LENGTHS} that fits. */
function partsOf(text: string): string[] {
  const length = PART_LENGTHS.find((each) => each <= text.length);
  if (length === undefined) return [];
  const count = Math.min(PARTS_TRIED, text.length - length + 1);
  return Array.from({ length: count }, (_, at) => text.slice(at, at + length));
}

/**
 * Applies a condition on an element to the field within it, unless its path begins with a list position. It proves
 * nothing, because one element has to meet all conditions.
 */
function within(outer: FieldPath, cover: Cover): Cover | undefined {
  if (cover.some(({ path }) => path.parts[0]?.index !== undefined)) return undefined;
  return cover.map(({ kind, path: inner, ignoreCase, key, also }) => {
    const path = joined(outer, inner);
    const lookupId = lookupIdOf(kind, path, ignoreCase);
    const lead = { lookupId, kind, path, ignoreCase, key, proof: NO_PROOF };
    return also ? { ...lead, also: allWithin(outer, also) } : lead;
  });
}

const allWithin = (outer: FieldPath, covers: readonly Cover[]): Cover[] =>
  covers.map((cover) => within(outer, cover)).filter((cover) => cover !== undefined);

const joined = ({ text, pointer, parts }: FieldPath, inner: FieldPath): FieldPath => ({
  text: `${text}.${inner.text}`,
  pointer: pointer + inner.pointer,
  parts: [...parts, ...inner.parts],
  lookupIds: undefined,
});

const isScalar = (value: unknown): value is JsonScalar => typeof value !== 'object' || value === null;
