import {
  EVENT_TYPE_RULE,
  isEventTypeName,
  isScriptEventType,
  SCHEDULE_EVENT_TYPE,
} from '../common/event-type-name.js';
import { valueInWords } from '../common/printable.js';
import { readStandIns } from '../bindings/stand-ins.js';
import { isBindingName } from '../common/binding-names.js';
import { entriesOf, getterProblem, hasOwnFields, isSignal } from '../options/strict-fields.js';
import type { BindingNames } from '../scripts/binding-names.js';
import { kindOf } from '../scripts/field-values.js';
import { addFieldsProblem, refuseIssues, ScriptIssues } from '../scripts/script-issues.js';
import type { ScriptValidator } from '../scripts/script.validator.js';
import type { ReadTestBindings } from './test-run.request.js';
import type { TestEvent, TestRunOptions } from './test-run.types.js';

const WAYS: readonly string[] = ['type', 'deadLetterId', 'executionId'] satisfies (
  'type' | 'deadLetterId' | 'executionId'
)[];
const NONE: ReadTestBindings = { standIns: new Map(), call: [] };
const MOST_CALLED = 100;

const SECRETS: readonly unknown[] = ['refuse', 'use'] satisfies TestRunOptions['secrets'][];

/** Checks the event of a test run before anything is looked up. @throws {ScriptValidationError} */
export const checkTestEvent = (event: TestEvent): void => refuseIssues(testEventIssues(event));

/** Reads the options of a test run. @throws {ScriptValidationError} */
export function readTestOptions(
  options: TestRunOptions,
  validator: ScriptValidator,
  names: BindingNames,
): { by: string | null; bindings: ReadTestBindings; useSecrets: boolean } {
  validator.checkOptions(options, ['by', 'bindings', 'secrets', 'signal']);
  const issues = new ScriptIssues();
  const bindings = readTestBindings(options.bindings, names, issues);
  const { secrets } = options;
  if (secrets !== undefined && !SECRETS.includes(secrets))
    issues.add('secrets', 'unknown', `Expected "refuse" or "use", got ${valueInWords(secrets)}.`);
  if (options.signal !== undefined && !isSignal(options.signal))
    issues.add('signal', 'type', `Expected an AbortSignal, got ${kindOf(options.signal)}.`);
  refuseIssues(issues);
  return { by: validator.readActor(options.by), bindings, useSecrets: secrets === 'use' };
}

function readTestBindings(
  given: TestRunOptions['bindings'],
  names: BindingNames,
  issues: ScriptIssues,
): ReadTestBindings {
  if (given === undefined || given === 'refuse') return NONE;
  if (given === 'call') return { ...NONE, call: 'all' };
  if (!hasOwnFields(given)) {
    const shown = valueInWords(given);
    issues.add('bindings', 'unknown', `Expected "refuse", "call" or { standIns, call }, got ${shown}.`);
    return NONE;
  }
  addFieldsProblem('bindings', given, ['standIns', 'call'], issues, 'bindings.');
  refuseIssues(issues);
  const { standIns = {}, call = [] } = given;
  const read = readStandIns(standIns, (name) => names.problemOf(name));
  for (const { path, message } of read.problems) issues.add(`bindings.${path}`, 'stand-in', message);
  if (call === 'all') return { standIns: read.standIns, call };
  const listed = entriesOf(call, MOST_CALLED);
  if (!listed)
    issues.add('bindings.call', 'type', `Expected "all" or a list of at most ${MOST_CALLED} names.`);
  for (const name of listed ?? []) {
    const problem = isBindingName(name) ? names.problemOf(name) : 'Expected the name of a binding.';
    if (problem !== null) issues.add('bindings.call', 'unknown', problem);
  }
  return { standIns: read.standIns, call: (listed ?? []) as string[] };
}

function testEventIssues(event: TestEvent): ScriptIssues {
  const issues = new ScriptIssues();
  const given: Record<string, unknown> = hasOwnFields(event) ? event : {};
  const getter = getterProblem(given, [...WAYS, 'input']);
  if (getter) {
    issues.add(`event.${getter.field}`, 'type', `${getter.message}.`);
    return issues;
  }
  const ways = WAYS.filter((way) => given[way] !== undefined);
  if (ways.length !== 1) {
    const advice = 'Expected one of { type, input }, { deadLetterId } or { executionId }';
    issues.add('event', 'type', `${advice}, got ${ways.join(' and ') || 'none of them'}.`);
  } else if (ways[0] === 'type') readSample(given, issues);
  else if (typeof given[ways[0] as string] !== 'string')
    issues.add(`event.${ways[0]}`, 'type', `Expected an id, got ${kindOf(given[ways[0] as string])}.`);
  if (issues.found.length === 0) {
    const known = ways[0] === 'type' ? ['type', 'input'] : ways;
    addFieldsProblem('event', event, known, issues, 'event.');
  }
  return issues;
}

function readSample({ type, input }: Record<string, unknown>, issues: ScriptIssues): void {
  const shown = valueInWords(type);
  if (!isEventTypeName(type))
    issues.add('event.type', 'format', `${shown} is not a valid event type. Use ${EVENT_TYPE_RULE}.`);
  else if (type !== SCHEDULE_EVENT_TYPE && isScriptEventType(type))
    issues.add(
      'event.type',
      'reserved',
      `Scripts can't listen to ${shown}: script.* events report on scripts themselves.`,
    );
  if (input !== undefined && !hasOwnFields(input))
    issues.add('event.input', 'type', `Expected the payload as an object, got ${kindOf(input)}.`);
}
