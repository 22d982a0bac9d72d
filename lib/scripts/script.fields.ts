import { types } from 'node:util';
import { isBindingName } from '../common/binding-names.js';
import { EVENT_PATTERN_RULE, isEventPattern, looksLikeEventPattern } from '../common/event-pattern.js';
import {
  EVENT_TYPE_RULE,
  isEventTypeName,
  isScriptEventType,
  SCHEDULE_EVENT_TYPE,
} from '../common/event-type-name.js';
import { toStorableJson, toStorableText, type JsonObject } from '../common/json.js';
import { ORDERED_FAILURE_POLICIES, type OrderedFailurePolicy, type ScriptLimits } from '../entities/index.js';
import { fieldKey } from '../filters/field-key.js';
import { FilterError, parseFilter } from '../filters/index.js';
import { printable, valueInWords } from '../common/printable.js';
import { unknownNames } from '../options/unknown-names.js';
import { entriesOf, fieldsProblem, getterProblem, hasOwnFields } from '../options/strict-fields.js';
import type { BindingNames } from './binding-names.js';
import { ORDER_NEEDS_DURABLE, type OrderingSupport } from './ordering-support.js';
import { suggestName } from '../common/suggest-name.js';
import type { SecretNames } from './secret-names.js';
import type { ScriptCeilings } from './script-ceilings.js';
import { type ScriptIssue, ScriptSourceError, ScriptValidationError } from './script.errors.js';

/** How many characters of a path an issue has. Paths made here are far shorter. */
const LONGEST_PLACE = 200;

/** Collects the problems of one call. Whatever they repeat of a tenant's text is printable. */
export class ScriptIssues {
  readonly found: ScriptIssue[] = [];

  add(path: string, code: string, message: string, line?: number): undefined {
    const issue = { path: printable(path, LONGEST_PLACE), code, message: printable(message) };
    this.found.push(line === undefined ? issue : { ...issue, line });
    return undefined;
  }
}

const MAX_EVENT_TYPES = 50;
/** How many of them may be patterns such as `client.*`. */
const MAX_PATTERNS = 10;
const MAX_BINDINGS = 100;
const MAX_SECRETS = 20;
const UNREADABLE_LIST = "Expected a plain list; this one can't be read.";

/** Reports unknown names, because a mistyped field would silently have no effect. */
export function refuseUnknownNames(
  given: object,
  known: readonly string[],
  prefix: string,
  word: string,
  issues: ScriptIssues,
): void {
  const unknown = unknownNames(given, known);
  for (const { shown, near } of unknown.listed) {
    const advice = near === undefined ? `. Allowed: ${known.join(', ')}.` : `. Did you mean "${near}"?`;
    issues.add(`${prefix}${shown}`, 'unknown', `Unknown ${word}${advice}`);
  }
  if (unknown.more > 0)
    issues.add(
      prefix === '' ? 'script' : prefix.slice(0, -1),
      'unknown',
      `… and ${unknown.more} more unknown names.`,
    );
}

/**
 * Reports why the fields of an argument can't be read, if they can't.
 *
 * @param within what the path of one of its fields begins with, such as `event.`; left out for an argument of a method
 */
export function addFieldsProblem(
  path: string,
  given: unknown,
  known: readonly string[],
  issues: ScriptIssues,
  within = '',
): void {
  const what = `the ${path}`;
  const problem = fieldsProblem(what, given, known);
  if (!problem) return;
  const whole = problem.field === what;
  issues.add(whole ? path : `${within}${problem.field}`, whole ? 'type' : 'unknown', `${problem.message}.`);
}

/** This function and those below return the value to store, or undefined after reporting what is wrong. */
export function readText(
  path: string,
  value: unknown,
  max: number,
  issues: ScriptIssues,
): string | undefined {
  if (typeof value !== 'string')
    return issues.add(path, typeCode(value), `Expected text, got ${kindOf(value)}.`);
  if (value.length > max) {
    return issues.add(path, 'length', `Expected at most ${max} characters, got ${value.length}.`);
  }
  if (value.trim() === '') return issues.add(path, 'required', 'Must not be empty.');
  if (toStorableText(value) !== value) return issues.add(path, 'characters', UNSTORABLE);
  return value;
}

export const UNSTORABLE =
  "Contains U+0000 or half of a surrogate pair, which PostgreSQL can't store. Remove it, or write it as an escape.";

/** @param mayBeEmpty the script may have schedules */
export function readEventTypes(
  value: unknown,
  mayBeEmpty: boolean,
  issues: ScriptIssues,
): string[] | undefined {
  if (!isList(value)) {
    return issues.add(
      'eventTypes',
      typeCode(value),
      `Expected a list such as ["client.created"], got ${kindOf(value)}.`,
    );
  }
  if (value.length === 0) return mayBeEmpty ? [] : runsForNothing(issues);
  if (value.length > MAX_EVENT_TYPES) {
    return issues.add(
      'eventTypes',
      'length',
      `Expected at most ${MAX_EVENT_TYPES} event types, got ${value.length}.`,
    );
  }
  const listed = entriesOf(value, MAX_EVENT_TYPES);
  if (!listed) return issues.add('eventTypes', 'type', UNREADABLE_LIST);
  listed.forEach((type, at) => checkEventType(type, at, listed.indexOf(type), issues));
  const patterns = listed.filter(looksLikeEventPattern).length;
  if (patterns > MAX_PATTERNS)
    issues.add('eventTypes', 'length', `Expected at most ${MAX_PATTERNS} patterns, got ${patterns}.`);
  return listed as string[];
}

/** Reports a script without event types and schedules. */
export const runsForNothing = (issues: ScriptIssues): undefined =>
  issues.add(
    'eventTypes',
    'required',
    'Add at least one event type or schedule; without one the script never runs.',
  );

function checkEventType(type: unknown, at: number, first: number, issues: ScriptIssues): void {
  const path = `eventTypes[${at}]`;
  const shown = valueInWords(type);
  if (looksLikeEventPattern(type)) {
    if (!isEventPattern(type))
      return issues.add(
        path,
        'format',
        `${shown} is not a valid pattern of event types. Use ${EVENT_PATTERN_RULE}.`,
      );
  } else if (!isEventTypeName(type))
    return issues.add(path, 'format', `${shown} is not a valid event type. Use ${EVENT_TYPE_RULE}.`);
  if (type === SCHEDULE_EVENT_TYPE)
    return issues.add(
      path,
      'reserved',
      'A schedule is no event type: write its times into the field schedules.',
    );
  // A script that listened to the package's own events would trigger itself.
  if (isScriptEventType(type)) {
    return issues.add(
      path,
      'reserved',
      `Scripts can't listen to ${shown}: script.* events report on scripts themselves.`,
    );
  }
  // Any other type is allowed: scripts publish types that nobody has declared.
  if (first !== at) issues.add(path, 'duplicate', `${shown} is in the list twice.`);
}

export function readFilters(value: unknown, issues: ScriptIssues): JsonObject | null | undefined {
  if (value === null) return null;
  try {
    const filters = parseFilter(value).toJSON();
    const text = JSON.stringify(filters);
    return toStorableJson(text) === text ? filters : issues.add('filters', 'characters', UNSTORABLE);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    issues.found.push(...error.issues);
    return undefined;
  }
}

/** The lowest value of each limit, and the option that is its highest. */
const LIMIT_RANGES: Record<keyof ScriptLimits, [low: number, option: string]> = {
  timeoutMs: [1, 'sandbox.maxTimeout'],
  memoryMb: [8, 'sandbox.maxMemoryMb'],
};

export function readLimits(
  value: unknown,
  ceilings: ScriptCeilings,
  issues: ScriptIssues,
): ScriptLimits | null | undefined {
  if (value === null) return null;
  const known = Object.keys(LIMIT_RANGES) as (keyof ScriptLimits)[];
  if (!hasOwnFields(value)) {
    return issues.add(
      'limits',
      'type',
      `Expected an object such as { "timeoutMs": 5000 }, got ${kindOf(value)}.`,
    );
  }
  const getter = getterProblem(value, known);
  if (getter) return issues.add(`limits.${getter.field}`, 'type', `${getter.message}.`);
  const limits: ScriptLimits = {};
  for (const name of known) {
    if (!Object.hasOwn(value, name)) continue;
    const [low, option] = LIMIT_RANGES[name];
    checkWhole(`limits.${name}`, value[name], [low, ceilings[name]], issues, `, which is ${option}`);
    limits[name] = value[name] as number;
  }
  refuseUnknownNames(value, known, 'limits.', 'limit', issues);
  return limits;
}

export function readBindings(
  value: unknown,
  names: BindingNames,
  issues: ScriptIssues,
): string[] | null | undefined {
  if (value === null) return null;
  if (!isList(value)) {
    return issues.add(
      'bindings',
      'type',
      `Expected a list of names, or null for none, got ${kindOf(value)}.`,
    );
  }
  if (value.length > MAX_BINDINGS) {
    return issues.add('bindings', 'length', `Expected at most ${MAX_BINDINGS} names, got ${value.length}.`);
  }
  const given = entriesOf(value, MAX_BINDINGS);
  if (!given) return issues.add('bindings', 'type', UNREADABLE_LIST);
  given.forEach((name, at) => {
    const path = `bindings[${at}]`;
    const shown = valueInWords(name);
    if (!isBindingName(name))
      return issues.add(path, 'format', `${shown} is not a valid binding name such as "crm.findClient".`);
    if (given.indexOf(name) !== at) return issues.add(path, 'duplicate', `${shown} is in the list twice.`);
    const problem = names.problemOf(name);
    if (problem) issues.add(path, 'unknown', problem);
  });
  return given as string[];
}

/** Looked up where it is stored: a secret may have been made a moment ago, in another process. */
export async function readSecrets(
  value: unknown,
  tenantId: string,
  secrets: SecretNames,
  issues: ScriptIssues,
): Promise<string[] | null | undefined> {
  if (value === null) return null;
  if (!isList(value))
    return issues.add('secrets', 'type', `Expected a list of names, or null for none, got ${kindOf(value)}.`);
  if (value.length > MAX_SECRETS)
    return issues.add('secrets', 'length', `Expected at most ${MAX_SECRETS} names, got ${value.length}.`);
  const given = entriesOf(value, MAX_SECRETS);
  if (!given) return issues.add('secrets', 'type', UNREADABLE_LIST);
  if (given.length === 0) return null;
  const known = await secrets.namesOf(tenantId);
  if (known === null) return issues.add('secrets', 'unsupported', SECRETS_OFF);
  given.forEach((name, at) => {
    const path = `secrets[${at}]`;
    const shown = valueInWords(name);
    if (given.indexOf(name) !== at) return issues.add(path, 'duplicate', `${shown} is in the list twice.`);
    if (known.includes(name as string)) return;
    const near = typeof name === 'string' ? suggestName(name, known) : undefined;
    const hint = near === undefined ? 'Create it first.' : `Did you mean "${near}"?`;
    issues.add(path, 'unknown', `The tenant has no secret ${shown}. ${hint}`);
  });
  return given as string[];
}

const SECRETS_OFF =
  'Secrets are off in this application: its operator has to set secrets.keys (EVENT_SECRETS_KEY).';

export function readMaxConcurrency(value: unknown, issues: ScriptIssues): number | null | undefined {
  if (value === null) return null;
  return checkWhole('maxConcurrency', value, [1, 1_000], issues) ? (value as number) : undefined;
}

export function readRunsPerMinute(value: unknown, issues: ScriptIssues): number | null | undefined {
  if (value === null) return null;
  return checkWhole('runsPerMinute', value, [1, 100_000], issues) ? (value as number) : undefined;
}

const MAX_ORDERING_KEY = 200;

export function readOrderingKey(
  value: unknown,
  { available }: OrderingSupport,
  issues: ScriptIssues,
): string | null | undefined {
  if (value === null) return null;
  const path = readText('orderingKey', value, MAX_ORDERING_KEY, issues);
  if (path === undefined) return undefined;
  if (!fieldKey(path)) {
    const example = 'such as "clientId", "client.id" or "/client/full.name"';
    return issues.add('orderingKey', 'format', `Must be the path of one field, ${example}.`);
  }
  return available ? path : issues.add('orderingKey', 'unsupported', ORDER_NEEDS_DURABLE);
}

export function readOnOrderedFailure(value: unknown, issues: ScriptIssues): OrderedFailurePolicy | undefined {
  if (ORDERED_FAILURE_POLICIES.includes(value as OrderedFailurePolicy)) return value as OrderedFailurePolicy;
  const words = ORDERED_FAILURE_POLICIES.map((word) => JSON.stringify(word)).join(' or ');
  const shown = valueInWords(value);
  return issues.add('onOrderedFailure', 'unknown', `Expected ${words}, got ${shown}.`);
}

function checkWhole(
  path: string,
  value: unknown,
  [low, high]: [number, number],
  issues: ScriptIssues,
  source = '',
): boolean {
  if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return true;
  const shown = typeof value === 'number' ? String(value) : kindOf(value);
  issues.add(path, 'range', `Expected a whole number from ${low} to ${high}${source}, got ${shown}.`);
  return false;
}

/** A proxy doesn't count as a list, and isn't read. */
const isList = (value: unknown): value is unknown[] => !types.isProxy(value) && Array.isArray(value);

/** The issue code for a value of the wrong type: it is missing, or has another type. */
export const typeCode = (value: unknown): string => (value === undefined ? 'required' : 'type');

/** Names the kind of a value, without its content. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Throws if there is a problem.
 *
 * @throws {ScriptValidationError}, or {@link ScriptSourceError} if only the source is wrong
 */
export function refuseIssues({ found }: ScriptIssues): void {
  const [first] = found;
  if (!first) return;
  throw found.length === 1 && first.path === 'source'
    ? new ScriptSourceError(first)
    : new ScriptValidationError(found);
}
