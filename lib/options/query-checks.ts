import { InvalidQueryError } from '../common/invalid-query.error.js';
import { isBlank, isId, MAX_ID } from '../common/id.js';
import { byteLength, isStorableText, jsonExceeds, toStorableJson } from '../common/json.js';
import { isUuid, pageHint, type PageRequest, pageProblem } from '../common/page.js';
import { valueInWords } from '../common/printable.js';
import { fieldsProblem, isMoment, isSignal } from './strict-fields.js';

// Checks of the services' arguments, made before anything is read or done. Each throws an InvalidQueryError that names
// the field.

/** Maximum number of characters of an event type and of an error kind. */
const MAX_WORD = 200;

export const invalid = (field: string, value: unknown, expected: string): InvalidQueryError =>
  new InvalidQueryError(field, `${field} must be ${expected}, not ${valueInWords(value)}`);

/**
 * Refuses anything but a plain object with known fields. A misspelt field would be ignored, and the query would return
 * too much.
 */
export function checkFields(what: string, given: unknown, known: readonly string[]): void {
  const problem = fieldsProblem(what, given, known);
  if (!problem) return;
  const hint = what === 'the filter' ? pageHint(problem.field) : '';
  throw new InvalidQueryError(problem.field, problem.message + hint);
}

export function checkPage(page: PageRequest): void {
  checkFields('the page', page, ['limit', 'cursor']);
  const problem = pageProblem(page);
  if (problem) throw new InvalidQueryError(problem.field, problem.message);
}

/** Refuses a missing tenant: its query would find nothing, as if there were no data. */
export const checkTenant = (tenantId: unknown): void =>
  checkId('tenantId', tenantId, `a tenant id of 1 to ${MAX_ID} characters, not blank`);

/** Refuses anything but the id of a tenant, an event or an actor. @param expected says in the message what to write */
export function checkId(
  field: string,
  value: unknown,
  expected = `text of 1 to ${MAX_ID} characters, not blank and without U+0000`,
): void {
  if (!isId(value)) throw invalid(field, value, expected);
}

/** Refuses a missing actor: every change stores who made it. */
export function checkBy(by: unknown): void {
  checkId('by', by, `the name or id of whoever asks for it, in 1 to ${MAX_ID} characters`);
}

export function checkNote(note: unknown): void {
  if (isStorable(note, 2_000) && !isBlank(note)) return;
  throw invalid('note', note, 'the reason, in 1 to 2000 characters');
}

/** Refuses anything but text of 1 to {@link MAX_WORD} characters. */
export function checkWord(field: string, value: unknown): void {
  if (!isStorable(value, MAX_WORD))
    throw invalid(field, value, `text of 1 to ${MAX_WORD} characters without U+0000`);
}

export function checkUuid(field: string, value: unknown): void {
  if (!isUuid(value)) throw invalid(field, value, 'a UUID');
}

export function checkDate(field: string, value: unknown): void {
  if (!isMoment(value)) throw invalid(field, value, 'a valid Date');
}

export function checkOneOf(field: string, value: unknown, allowed: readonly string[]): void {
  if (!(allowed as readonly unknown[]).includes(value))
    throw invalid(field, value, `one of ${allowed.join(', ')}`);
}

export function checkYesOrNo(field: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalid(field, value, 'true or false');
}

export function checkWhole(field: string, value: unknown, low: number, high: number): void {
  if (Number.isInteger(value) && Number(value) >= low && Number(value) <= high) return;
  throw invalid(field, value, `a whole number from ${low} to ${high}`);
}

export function checkSignal(signal: unknown): void {
  if (!isSignal(signal)) throw invalid('signal', signal, 'an AbortSignal');
}

/** The JSON text of a value that a caller wants to store. Refuses one that is too large or that JSON can't carry. */
export function storableJsonOf(field: string, value: unknown, maxBytes: number): string {
  const rule = `${field} must be a JSON value of up to ${maxBytes} bytes`;
  let text: string | undefined;
  try {
    text = jsonExceeds(value, maxBytes) ? undefined : (JSON.stringify(value) as string | undefined);
  } catch {
    throw new InvalidQueryError(field, `${rule}; this one is cyclic or has a BigInt`);
  }
  // `toJSON` may have returned something larger.
  if (text === undefined || byteLength(text) > maxBytes) throw new InvalidQueryError(field, rule);
  if (toStorableJson(text) !== text)
    throw new InvalidQueryError(field, `${rule}, without U+0000 and without half of a surrogate pair`);
  return text;
}

/** Applies each check to its field, if the field is given. */
export function checkGiven<Given extends object>(
  given: Given,
  fields: readonly (keyof Given & string)[],
  check: (field: string, value: unknown) => void,
): void {
  for (const field of fields) if (given[field] !== undefined) check(field, given[field]);
}

/** Whether a value is text that is not empty, not too long, and that PostgreSQL can store. */
const isStorable = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= max && isStorableText(value);
