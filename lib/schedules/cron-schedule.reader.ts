import { byteLength, jsonExceeds, toStorableJson, type JsonValue } from '../common/json.js';
import { formatDuration } from '../common/duration-text.js';
import { messageOf } from '../common/errors.js';
import { printable, valueInWords } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';
import {
  CATCH_UP_POLICIES,
  type CatchUpPolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  type ScriptSchedule,
} from '../entities/index.js';
import { entriesOf, getterProblem, hasOwnFields } from '../options/strict-fields.js';
import { ScheduleReader } from '../scripts/schedule-reader.js';
import { kindOf, UNSTORABLE } from '../scripts/field-values.js';
import { refuseUnknownNames, type ScriptIssues } from '../scripts/script-issues.js';
import { cronTimes, shortestInterval } from './cron-times.js';

/** Limits of schedules, from the options. */
export interface ScheduleBounds {
  /** The most schedules of one script, `limits.scriptSchedules`. */
  most: number;
  /** The shortest interval between two times of a schedule in milliseconds, `schedules.minInterval`. */
  minIntervalMs: number;
  /** The largest payload, in bytes as JSON. */
  payloadBytes: number;
}

const LONGEST_CRON = 200;
const LONGEST_ZONE = 64;
const FIELDS: readonly string[] = [
  'cron',
  'timezone',
  'catchUp',
  'overlap',
  'payload',
] satisfies (keyof ScriptSchedule)[];
const HOW_TO_WRITE =
  'Write five fields, minute hour day-of-month month day-of-week, such as "0 8 * * 1" for Mondays at 8:00.';

/** Reads schedules whose times are cron expressions. */
export class CronScheduleReader extends ScheduleReader {
  constructor(private readonly bounds: ScheduleBounds) {
    super();
  }

  read(value: unknown, issues: ScriptIssues): ScriptSchedule[] | null | undefined {
    if (value === null) return null;
    const { most } = this.bounds;
    const listed = entriesOf(value, Number.MAX_SAFE_INTEGER) && (value as unknown[]).length;
    if (listed === undefined) {
      const example = '[{ "cron": "0 8 * * 1", "timezone": "Europe/Berlin" }]';
      return issues.add(
        'schedules',
        'type',
        `Expected a list such as ${example}, or null, got ${kindOf(value)}.`,
      );
    }
    if (listed > most)
      return issues.add(
        'schedules',
        'length',
        `Expected at most ${most} schedules, which is limits.scriptSchedules, got ${listed}.`,
      );
    const before = issues.found.length;
    const read = (entriesOf(value, most) ?? []).map((entry, at) =>
      this.readOne(entry, `schedules[${at}]`, issues),
    );
    if (issues.found.length > before) return undefined;
    const schedules = read.filter((schedule) => schedule !== undefined);
    refuseSameTimes(schedules, issues);
    if (issues.found.length > before) return undefined;
    return schedules.length === 0 ? null : schedules;
  }

  private readOne(entry: unknown, path: string, issues: ScriptIssues): ScriptSchedule | undefined {
    if (!hasOwnFields(entry))
      return issues.add(
        path,
        'type',
        `Expected an object such as { "cron": "0 8 * * 1" }, got ${kindOf(entry)}.`,
      );
    const getter = getterProblem(entry, FIELDS);
    if (getter) return issues.add(`${path}.${getter.field}`, 'type', `${getter.message}.`);
    refuseUnknownNames(entry, FIELDS, `${path}.`, 'field', issues);
    const timezone = readTimezone(`${path}.timezone`, entry.timezone, issues);
    const cron = this.readCron(`${path}.cron`, entry.cron, timezone ?? 'UTC', issues);
    const catchUp = readWord(`${path}.catchUp`, entry.catchUp, CATCH_UP_POLICIES, issues);
    const overlap = readWord(`${path}.overlap`, entry.overlap, OVERLAP_POLICIES, issues);
    const payload = this.readPayload(`${path}.payload`, entry.payload, issues);
    if (timezone === undefined || cron === undefined || payload === undefined) return undefined;
    return {
      cron,
      timezone,
      catchUp: catchUp as CatchUpPolicy,
      overlap: overlap as OverlapPolicy,
      payload,
    };
  }

  private readCron(path: string, value: unknown, timezone: string, issues: ScriptIssues): string | undefined {
    if (typeof value !== 'string')
      return issues.add(
        path,
        value === undefined ? 'required' : 'type',
        `Expected text, got ${kindOf(value)}. ${HOW_TO_WRITE}`,
      );
    if (value.length > LONGEST_CRON)
      return issues.add(path, 'length', `Expected at most ${LONGEST_CRON} characters, got ${value.length}.`);
    const cron = value.trim().replace(/\s+/g, ' ');
    let interval: number;
    try {
      interval = shortestInterval(cron);
    } catch (error) {
      return issues.add(
        path,
        'format',
        `${valueInWords(value)} isn't a cron expression: ${reasonOf(error)} ${HOW_TO_WRITE}`,
      );
    }
    if (!cronTimes(cron, timezone).comes)
      return issues.add(
        path,
        'never',
        `${valueInWords(value)} never comes, because no calendar has such a day.`,
      );
    const { minIntervalMs } = this.bounds;
    if (interval < minIntervalMs)
      return issues.add(
        path,
        'interval',
        `${valueInWords(value)} has times ${formatDuration(interval)} apart; ` +
          `they must be at least ${formatDuration(minIntervalMs)} apart, which is schedules.minInterval.`,
      );
    return cron;
  }

  private readPayload(path: string, value: unknown, issues: ScriptIssues): JsonValue | undefined {
    if (value === undefined) return null;
    const { payloadBytes } = this.bounds;
    try {
      if (jsonExceeds(value, payloadBytes))
        return issues.add(path, 'length', `Expected JSON of at most ${payloadBytes} bytes.`);
      const text = JSON.stringify(value) as string | undefined;
      if (text === undefined) return issues.add(path, 'type', `Expected a JSON value, got ${kindOf(value)}.`);
      // `toJSON` may have returned something larger.
      if (byteLength(text) > payloadBytes)
        return issues.add(path, 'length', `Expected JSON of at most ${payloadBytes} bytes.`);
      if (toStorableJson(text) !== text) return issues.add(path, 'characters', UNSTORABLE);
      return JSON.parse(text) as JsonValue;
    } catch {
      return issues.add(path, 'type', "Expected a JSON value; this one can't be read.");
    }
  }
}

function readTimezone(path: string, value: unknown, issues: ScriptIssues): string | undefined {
  if (value === undefined) return 'UTC';
  if (typeof value !== 'string') return issues.add(path, 'type', `Expected text, got ${kindOf(value)}.`);
  if (value.length <= LONGEST_ZONE && /^[A-Za-z]/.test(value)) {
    try {
      const { timeZone } = Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions();
      // In the spelling of the time zone database, so that one zone isn't stored under two names. An alias of another
      // zone stays.
      return timeZone.toLowerCase() === value.toLowerCase() ? timeZone : value;
    } catch {
      // Not a known time zone: reported below.
    }
  }
  const meant = suggestName(value, Intl.supportedValuesOf('timeZone'));
  const hint =
    meant === undefined ? 'Write one such as "Europe/Berlin" or "UTC".' : `Did you mean "${meant}"?`;
  return issues.add(
    path,
    'unknown',
    `${valueInWords(value)} isn't a time zone of the IANA database. ${hint}`,
  );
}

/** Reads one of these words; the first is the default. */
function readWord<Word extends string>(
  path: string,
  value: unknown,
  words: readonly [Word, ...Word[]],
  issues: ScriptIssues,
): Word | undefined {
  if (value === undefined) return words[0];
  if (words.includes(value as Word)) return value as Word;
  const allowed = words.map((word) => JSON.stringify(word)).join(' or ');
  return issues.add(path, 'unknown', `Expected ${allowed}, got ${valueInWords(value)}.`);
}

/**
 * Refuses two schedules with the same times: they would run the script twice at the same moment, and nothing would
 * distinguish them.
 */
function refuseSameTimes(schedules: readonly ScriptSchedule[], issues: ScriptIssues): void {
  const places = new Map<string, number>();
  for (const [at, { cron, timezone }] of schedules.entries()) {
    const key = `${timezone} ${cron}`;
    const first = places.get(key);
    if (first === undefined) places.set(key, at);
    else
      issues.add(
        `schedules[${at}].cron`,
        'duplicate',
        `schedules[${first}] has the same times. Put both payloads into one, for example as a list.`,
      );
  }
}

/** Croner's message without the name of its class. */
function reasonOf(error: unknown): string {
  const reason = printable(messageOf(error).replace(/^\w+: /, ''), 300);
  return reason.endsWith('.') ? reason : `${reason}.`;
}
