import { BindingCallError, LONGEST_CALL_MESSAGE } from '../common/binding-call.error.js';
import { isRecord, jsonExceeds, type JsonValue } from '../common/json.js';
import { entriesOf, fieldsProblem, hasOwnFields } from '../options/strict-fields.js';
import { nameInWords } from '../options/unknown-names.js';

/** What a binding answers in a test in place of its own answer. @publicApi */
export interface BindingStandIn {
  /**
   * The input of the calls that it answers. Of an object, the fields given here must be equal; any other value must be
   * equal as a whole. Write a secret as `[secret:name]`. Default: it answers every call.
   */
  input?: JsonValue;
  /** What the call returns. Default `null`. */
  answer?: JsonValue;
  /** How the call fails instead: the script gets a `BindingError` with this `code`. */
  error?: { code: string; message?: string };
}

/** Stand-ins by a binding's name; of several, the first one that matches the input answers. @publicApi */
export type BindingStandIns = Readonly<Record<string, BindingStandIn | readonly BindingStandIn[]>>;

/** A problem of stand-ins, and where it is. */
export interface StandInProblem {
  path: string;
  message: string;
}

/** Valid stand-ins, by the binding's name. */
export type ReadStandIns = ReadonlyMap<string, readonly BindingStandIn[]>;

const MOST_NAMES = 100;
const MOST_OF_NAME = 100;
const MOST_BYTES = 1024 * 1024;
const LONGEST_CODE = 64;
const FIELDS = ['input', 'answer', 'error'];

/**
 * Reads stand-ins from any JSON.
 *
 * @param problemOf says why no binding has this name; null if one has it
 */
export function readStandIns(
  given: unknown,
  problemOf: (name: string) => string | null,
): { standIns: ReadStandIns; problems: StandInProblem[] } {
  const standIns = new Map<string, readonly BindingStandIn[]>();
  const problems: StandInProblem[] = [];
  const refuse = (path: string, message: string): void => void problems.push({ path, message });
  if (!hasOwnFields(given) && !isEmpty(given)) {
    refuse('standIns', 'Expected an object such as { "crm.findClient": { "answer": null } }.');
    return { standIns, problems };
  }
  const names = Object.keys(given);
  if (names.length > MOST_NAMES)
    refuse('standIns', `Expected at most ${MOST_NAMES} names, got ${names.length}.`);
  for (const name of names.slice(0, MOST_NAMES)) {
    const path = `standIns.${nameInWords(name)}`;
    const unknown = problemOf(name);
    if (unknown !== null) refuse(path, unknown);
    const value: unknown = Object.getOwnPropertyDescriptor(given, name)?.value;
    const listed = Array.isArray(value) ? entriesOf(value, MOST_OF_NAME) : [value];
    if (!listed) refuse(path, `Expected a plain list of at most ${MOST_OF_NAME} stand-ins.`);
    for (const [at, entry] of (listed ?? []).entries()) {
      const problem = standInProblem(entry);
      if (problem !== undefined) refuse(Array.isArray(value) ? `${path}.${at}` : path, problem);
    }
    if (listed) standIns.set(name, listed as BindingStandIn[]);
  }
  if (problems.length === 0 && jsonExceeds(given, MOST_BYTES))
    refuse('standIns', `Expected JSON of at most ${MOST_BYTES} bytes.`);
  return { standIns, problems };
}

const isEmpty = (given: unknown): given is Record<string, unknown> =>
  fieldsProblem('the stand-ins', given, []) === undefined;

function standInProblem(entry: unknown): string | undefined {
  const fields = fieldsProblem('the stand-in', entry, FIELDS);
  if (fields) return `${fields.message}.`;
  const { answer, error } = entry as BindingStandIn;
  if (error === undefined) return undefined;
  if (answer !== undefined) return 'Expected answer or error, got both.';
  const inner = fieldsProblem('the error', error, ['code', 'message']);
  if (inner) return `${inner.message}.`;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (!isText(code, LONGEST_CODE) || code === '')
    return `error.code must be text of 1 to ${LONGEST_CODE} characters, such as "http-404".`;
  if (message !== undefined && !isText(message, LONGEST_CALL_MESSAGE))
    return `error.message must be text of at most ${LONGEST_CALL_MESSAGE} characters.`;
  return undefined;
}

const isText = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length <= max;

/**
 * The answer of a binding's stand-ins to a call.
 *
 * @throws BindingCallError with the code of the stand-in, or `test-run` if none matches the input
 */
export function answerOf(name: string, standIns: readonly BindingStandIn[], input: JsonValue): JsonValue {
  const found = standIns.find((standIn) => standIn.input === undefined || covers(standIn.input, input));
  if (!found) throw new BindingCallError('test-run', `${name} has no stand-in for this input`);
  if (found.error) throw new BindingCallError(found.error.code, found.error.message ?? `${name} failed`);
  return found.answer ?? null;
}

/** Whether the value equals `wanted`. Additional fields of an object don't matter. */
function covers(wanted: JsonValue, value: JsonValue): boolean {
  if (isRecord(wanted))
    return (
      isRecord(value) &&
      Object.entries(wanted).every(
        ([name, part]) => Object.hasOwn(value, name) && covers(part as JsonValue, value[name] as JsonValue),
      )
    );
  if (!Array.isArray(wanted)) return wanted === value;
  return (
    Array.isArray(value) &&
    value.length === wanted.length &&
    wanted.every((part, at) => covers(part, value[at] as JsonValue))
  );
}
