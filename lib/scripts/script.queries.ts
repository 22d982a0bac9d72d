import { pageProblem } from '../common/page.js';
import { valueInWords } from '../common/printable.js';
import { isValueName, VALUE_NAME_RULE } from '../common/value-names.js';
import { SCRIPT_STATUSES, type ScriptStatus } from '../entities/index.js';
import { entriesOf, fieldsProblem } from '../options/strict-fields.js';
import { isVersion, MAX_NAME, readText } from './field-values.js';
import { addFieldsProblem, refuseIssues, refuseUnknownNames, ScriptIssues } from './script-issues.js';
import type { ScriptQuery } from './script.types.js';

/** The fields of a query for scripts. */
const QUERY_FIELDS: (keyof ScriptQuery)[] = [
  'status',
  'eventType',
  'nameContains',
  'secret',
  'variable',
  'limit',
  'cursor',
];

const MAX_VERSIONS = 10_000;
const MAX_STATUSES = SCRIPT_STATUSES.length;

/** @throws {ScriptValidationError} when the conditions for a list of scripts are wrong */
export function checkScriptQuery(query: ScriptQuery): void {
  const shape = fieldsProblem('the query', query, QUERY_FIELDS);
  const issues = new ScriptIssues();
  // Anything but a plain object is not read; in a plain object, every unknown field is reported.
  if (shape?.field === 'the query') issues.add('query', 'type', `${shape.message}.`);
  refuseIssues(issues);
  refuseUnknownNames(query, QUERY_FIELDS, '', 'field', issues);
  if (shape && issues.found.length === 0) issues.add(shape.field, 'unknown', `${shape.message}.`);
  refuseIssues(issues);
  const problem = pageProblem(query);
  if (problem) issues.add(problem.field, 'range', `${problem.message}.`);
  const { status } = query;
  const statuses =
    status === undefined || typeof status === 'string' ? [status] : entriesOf(status, MAX_STATUSES);
  if (!statuses?.every(isStatus)) {
    const words = SCRIPT_STATUSES.join(', ');
    const wrong = statuses?.find((value) => !isStatus(value)) ?? status;
    issues.add('status', 'unknown', `Unknown status ${valueInWords(wrong)}. Allowed: ${words}.`);
  }
  if (query.eventType !== undefined) readText('eventType', query.eventType, MAX_NAME, issues);
  if (query.nameContains !== undefined) readText('nameContains', query.nameContains, MAX_NAME, issues);
  for (const field of ['secret', 'variable'] as const)
    if (query[field] !== undefined && !isValueName(query[field]))
      issues.add(field, 'format', `Expected ${VALUE_NAME_RULE}, got ${valueInWords(query[field])}.`);
  refuseIssues(issues);
}

/** @throws {ScriptValidationError} when the conditions for a list of versions are wrong */
export function checkVersionQuery(query: unknown): void {
  const issues = new ScriptIssues();
  addFieldsProblem('query', query, ['limit', 'before'], issues);
  refuseIssues(issues);
  const { limit, before } = query as { limit?: unknown; before?: unknown };
  if (limit !== undefined && !(isVersion(limit) && (limit as number) <= MAX_VERSIONS))
    issues.add(
      'limit',
      'range',
      `Expected a whole number from 1 to ${MAX_VERSIONS}, got ${valueInWords(limit)}.`,
    );
  if (before !== undefined && !isVersion(before))
    issues.add('before', 'range', `Expected a version (1 or higher), got ${valueInWords(before)}.`);
  refuseIssues(issues);
}

/** True for a status, or if none is given. */
const isStatus = (value: unknown): boolean =>
  value === undefined || SCRIPT_STATUSES.includes(value as ScriptStatus);
