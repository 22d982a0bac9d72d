import { isEventPattern, matchesEventPattern } from '../common/event-pattern.js';
import { printable } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';
import { type Filter, FilterError, parseFilter } from '../filters/index.js';
import type { ScriptEntity } from '../entities/index.js';
import type { KnownEventType, KnownEventTypes } from './known-event-types.js';

/** What is probably wrong with a script's filter, given the types that it listens to. */
export function scriptWarnings(
  { eventTypes, filters }: Pick<ScriptEntity, 'eventTypes' | 'filters'>,
  known: KnownEventTypes,
): string[] {
  if (filters === null) return [];
  try {
    const named = new Set(eventTypes);
    return filterWarnings(parseFilter(filters), typesOf(eventTypes, known), ({ type }) => named.has(type));
  } catch (error) {
    // The filter may have been written by a migration of the host, not by this package.
    if (!(error instanceof FilterError)) throw error;
    return [`The script doesn't run because its stored filter is invalid: ${error.message}`];
  }
}

/** The types that a script listens to, each once. */
function typesOf(eventTypes: readonly string[], known: KnownEventTypes): KnownEventType[] {
  const types = new Map<string, KnownEventType>();
  for (const entry of eventTypes) {
    const meant = isEventPattern(entry)
      ? known.definitions().filter(({ type }) => matchesEventPattern(entry, type))
      : [known.get(entry)].filter((found) => found !== undefined);
    for (const type of meant.length > 0 ? meant : [{ type: entry, fields: null }]) types.set(type.type, type);
  }
  return [...types.values()];
}

/**
 * What is probably wrong with a valid filter, in sentences: no event can match it, it uses a field that events of none
 * of the types have, or a type lacks a field that the filter needs.
 *
 * @param types the types that the filter is for
 * @param isMeant whether the author named this type; one that only a pattern matches may lack what the filter needs
 */
export function filterWarnings(
  filter: Filter,
  types: readonly KnownEventType[],
  isMeant: (type: KnownEventType) => boolean = () => true,
): string[] {
  const field = filter.contradiction();
  if (field !== undefined)
    return [
      `No event can match the filter: its conditions on "${shown(field)}" exclude each other.`,
      ...unknownFields(filter, types).warnings,
    ];
  const { names, warnings } = unknownFields(filter, types);
  return [...warnings, ...types.filter(isMeant).flatMap((type) => lacking(filter, type, names))];
}

/** Fields that no event has; empty if the fields of a type are not known. */
function unknownFields(
  filter: Filter,
  types: readonly KnownEventType[],
): { names: string[]; warnings: string[] } {
  const fields = new Set<string>();
  for (const type of types) {
    if (!type.fields) return { names: [], warnings: [] };
    for (const field of type.fields) fields.add(field);
  }
  const names = filter.fields.filter((field) => !fields.has(field));
  const [first] = types;
  const start =
    types.length === 1 ? `Events of type ${first?.type} have no` : 'None of its event types has a';
  return {
    names,
    warnings: names.map((name) => `${start} field "${shown(name)}".${hint(name, [...fields])}`),
  };
}

/** Warns of a type whose events can't match because they lack a field that other types have. */
function lacking(filter: Filter, { type, fields }: KnownEventType, unknown: readonly string[]): string[] {
  if (!fields) return [];
  const field = filter.contradiction([...fields, ...unknown]);
  if (field === undefined) return [];
  const start = `Events of type ${type} can't match the filter because they have no`;
  return [`${start} "${shown(field)}".${hint(field, fields)}`];
}

function hint(field: string, fields: readonly string[]): string {
  const meant = suggestName(field, fields);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}

const shown = (name: string): string => printable(name, 100);
