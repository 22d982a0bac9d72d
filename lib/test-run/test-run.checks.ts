import {
  EVENT_TYPE_RULE,
  isEventTypeName,
  isScriptEventType,
  SCHEDULE_EVENT_TYPE,
} from '../common/event-type-name.js';
import { valueInWords } from '../common/printable.js';
import { getterProblem, hasOwnFields, isSignal } from '../options/strict-fields.js';
import { addFieldsProblem, kindOf, refuseIssues, ScriptIssues } from '../scripts/script.fields.js';
import type { ScriptValidator } from '../scripts/script.validator.js';
import type { TestEvent, TestRunOptions } from './test-run.types.js';

const WAYS: readonly string[] = ['type', 'deadLetterId', 'executionId'] satisfies (
  'type' | 'deadLetterId' | 'executionId'
)[];
const BINDINGS: readonly unknown[] = ['refuse', 'call'] satisfies TestRunOptions['bindings'][];

/** Checks the event of a test run, before it is looked for. @throws {ScriptValidationError} */
export const checkTestEvent = (event: TestEvent): void => refuseIssues(testEventIssues(event));

/** Reads the options of a test run. @throws {ScriptValidationError} */
export function readTestOptions(
  options: TestRunOptions,
  validator: ScriptValidator,
): { by: string | null; callBindings: boolean } {
  validator.checkOptions(options, ['by', 'bindings', 'signal']);
  refuseIssues(testOptionIssues(options));
  return { by: validator.readActor(options.by), callBindings: options.bindings === 'call' };
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
    addFieldsProblem('event', event, known, issues);
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

/** What is wrong with the options of a test run, besides `by`. */
function testOptionIssues({ bindings, signal }: TestRunOptions): ScriptIssues {
  const issues = new ScriptIssues();
  if (bindings !== undefined && !BINDINGS.includes(bindings)) {
    const shown = valueInWords(bindings);
    issues.add('bindings', 'unknown', `Expected "refuse" or "call", got ${shown}.`);
  }
  if (signal !== undefined && !isSignal(signal))
    issues.add('signal', 'type', `Expected an AbortSignal, got ${kindOf(signal)}.`);
  return issues;
}
