import { EVENT_PATTERN_RULE, isEventPattern, looksLikeEventPattern } from '../common/event-pattern.js';
import {
  EVENT_TYPE_RULE,
  isEventTypeName,
  isScriptEventType,
  SCHEDULE_EVENT_TYPE,
} from '../common/event-type-name.js';
import { valueInWords } from '../common/printable.js';
import { entriesOf } from '../options/strict-fields.js';
import { isList, kindOf, typeCode, UNREADABLE_LIST } from './field-values.js';
import type { ScriptIssues } from './script-issues.js';

const MAX_EVENT_TYPES = 50;
/** How many of them may be patterns such as `client.*`. */
const MAX_PATTERNS = 10;

/**
 * Returns the types to store, or undefined after reporting what is wrong.
 *
 * @param mayBeEmpty the script may have schedules
 */
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
