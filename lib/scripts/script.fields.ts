import { isBindingName } from '../common/binding-names.js';
import { toStorableJson, type JsonObject } from '../common/json.js';
import { valueInWords } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';
import { ORDERED_FAILURE_POLICIES, type OrderedFailurePolicy, type ScriptLimits } from '../entities/index.js';
import { fieldKey } from '../filters/field-key.js';
import { FilterError, parseFilter } from '../filters/index.js';
import { entriesOf, getterProblem, hasOwnFields } from '../options/strict-fields.js';
import type { BindingNames } from './binding-names.js';
import { checkWhole, isList, kindOf, readText, UNREADABLE_LIST, UNSTORABLE } from './field-values.js';
import { ORDER_NEEDS_DURABLE, type OrderingSupport } from './ordering-support.js';
import type { ScriptCeilings } from './script-ceilings.js';
import { refuseUnknownNames, type ScriptIssues } from './script-issues.js';
import type { SecretNames } from './secret-names.js';

const MAX_BINDINGS = 100;
const MAX_SECRETS = 20;
/** This function and those below return the value to store, or undefined after reporting what is wrong. */
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

/** The lowest value of each limit, and the option that sets the highest. */
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

/** Looks the names up in the database, because another process may have created a secret a moment ago. */
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
