import { validateSync, type ValidationError } from 'class-validator';
import { printable, valueInWords } from '../../common/printable.js';
import { unknownNames } from '../../options/unknown-names.js';
import { Problem, type ProblemIssue } from '../http/problem.js';
import { fieldsOf } from './dto.js';
import type { DtoClass, Kind } from './kinds.js';

/** How many problems of a request are reported. */
const MOST_ISSUES = 20;
/** Longest message of class-validator, in characters. */
const LONGEST_MESSAGE = 500;
/** A number in a query: as JSON writes it, and no longer than any valid one. */
const NUMBER = /^-?\d{1,15}$/;

/** Reads a value of a query or of a body as a field of this kind. A value that can't be read is returned unchanged. */
type Convert = (kind: Kind, value: unknown) => unknown;

/**
 * The body of a request.
 *
 * @throws Problem 400 with every problem: not an object, an unknown field, a wrong value
 */
export function readBody<T extends object>(type: DtoClass, body: unknown): T {
  // A missing body is the same as one without fields.
  const given = body ?? {};
  if (!isObject(given)) {
    const message = `Expected a JSON object, got ${valueInWords(given)}.`;
    throw invalid([{ path: 'body', code: 'type', message }]);
  }
  return read(type, given, ofJson);
}

/**
 * The query of a request. A list is a name that occurs several times.
 *
 * @throws Problem 400 with every problem
 */
export const readQuery = <T extends object>(type: DtoClass, query: object): T => read(type, query, ofText);

function read<T extends object>(type: DtoClass, given: object, convert: Convert): T {
  const issues: ProblemIssue[] = [];
  const values = gather(type, given, convert, '', issues);
  if (issues.length > 0) throw invalid(issues);
  return values as T;
}

/** Reads the values of an object's fields and adds problems to `issues`. */
function gather(
  type: DtoClass,
  given: object,
  convert: Convert,
  prefix: string,
  issues: ProblemIssue[],
): Record<string, unknown> {
  const fields = fieldsOf(type);
  const before = issues.length;
  issues.push(...strangers(given, [...fields.keys()], prefix));
  const values: Record<string, unknown> = {};
  for (const [name, { kind }] of fields) {
    // Own fields only: `__proto__` and inherited fields are never read.
    const value: unknown = Object.hasOwn(given, name) ? (given as Record<string, unknown>)[name] : undefined;
    if (value === undefined) continue;
    if (kind.is === 'dto' && isObject(value))
      values[name] = gather(kind.type(), value, convert, `${prefix}${name}.`, issues);
    else if (kind.is === 'list' && Array.isArray(value) && value.length > kind.max)
      issues.push({ path: `${prefix}${name}`, code: 'length', message: tooMany(kind.max, value.length) });
    else values[name] = convert(kind, value);
  }
  const checkedHere = fields.size > 0 && !type.checkedByService;
  if (issues.length === before && checkedHere) issues.push(...ruleIssues(type, values, prefix));
  return values;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list that is too long is not read. */
const tooMany = (max: number, length: number): string => `Expected at most ${max} items, got ${length}.`;

const invalid = (issues: readonly ProblemIssue[]): Problem =>
  new Problem(400, 'invalid-request', 'The request is not valid.', {
    issues: issues.slice(0, MOST_ISSUES),
  });

function strangers(given: object, known: readonly string[], prefix: string): ProblemIssue[] {
  const { listed, more } = unknownNames(given, known);
  const issues = listed.map(({ shown, near }) => ({
    path: `${prefix}${shown}`,
    code: 'unknown',
    message:
      near === undefined
        ? `Unknown field. Allowed: ${known.join(', ') || 'none'}.`
        : `Unknown field. Did you mean "${near}"?`,
  }));
  if (more > 0) issues.push({ path: '', code: 'unknown', message: `… and ${more} more unknown fields.` });
  return issues;
}

/** Only times differ between JSON and a handler. */
const ofJson: Convert = (kind, value) => {
  if (kind.is === 'moment') return typeof value === 'string' ? momentOf(value) : value;
  return value;
};

const ofText: Convert = (kind, value) => {
  if (kind.is === 'list') return [value].flat().map((item) => ofText(kind.of, item));
  if (typeof value !== 'string') return value;
  if (kind.is === 'whole') return NUMBER.test(value) ? Number(value) : value;
  if (kind.is === 'flag') return value === 'true' || (value === 'false' ? false : value);
  return ofJson(kind, value);
};

/** ISO 8601 with a time zone; otherwise the server's zone would be used. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

const momentOf = (value: string): unknown => (MOMENT.test(value) ? new Date(value) : value);

function ruleIssues(type: DtoClass, values: object, prefix: string): ProblemIssue[] {
  const errors = validateSync(Object.assign(Object.create(type.prototype as object) as object, values), {
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  return errors.flatMap((error) => issuesOf(error, prefix));
}

const CODES: Record<string, string> = {
  isIn: 'unknown',
  maxLength: 'length',
  minLength: 'length',
  arrayMinSize: 'length',
  arrayMaxSize: 'length',
  min: 'range',
  max: 'range',
  isUuid: 'format',
  isDate: 'format',
};

function issuesOf({ property, constraints = {} }: ValidationError, prefix: string): ProblemIssue[] {
  // A value of the wrong type breaks every rule; the first one says so.
  const [first] = Object.entries(constraints).toSorted(([a], [b]) => rank(a) - rank(b));
  if (!first) return [];
  const [rule, message] = first;
  const said =
    rule === 'isDate' ? `${property} must be a date and time with a zone, 2026-01-31T09:00:00Z` : message;
  return [
    {
      path: `${prefix}${property}`,
      code: CODES[rule] ?? 'type',
      message: `${printable(said, LONGEST_MESSAGE)}.`,
    },
  ];
}

const rank = (rule: string): number => (CODES[rule] === undefined ? 0 : 1);
