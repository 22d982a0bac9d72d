/** A moment in time to the nanosecond, in two parts because a double cannot hold it in one. */
export interface ExactInstant {
  /** Milliseconds since the epoch. */
  ms: number;
  /** Nanoseconds beyond them, 0 to 999,999. */
  nanos: number;
}

/** What a text says about a moment: the moment, a date or time that doesn't exist, or no date at all. */
export type InstantReading =
  | { kind: 'instant'; instant: ExactInstant; zoned: boolean }
  | { kind: 'impossible' }
  | { kind: 'not-a-date' };

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const LONGEST = 'YYYY-MM-DDThh:mm:ss.nnnnnnnnn+hh:mm'.length;
const MINUTE_MS = 60_000;

/**
 * Reads ISO 8601: `YYYY-MM-DD`, which is midnight UTC, or a date-time with or without zone. Without a zone, the time is
 * UTC. `zoned` is false only for a date-time without zone.
 */
export function readInstant(text: string): InstantReading {
  if (text.length > LONGEST || text.length < 10) return { kind: 'not-a-date' };
  const match = ISO.exec(text);
  if (match === null) return { kind: 'not-a-date' };
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone] = match;
  const dayMs = dayOf(Number(year), Number(month), Number(day));
  const offset = offsetMinutes(zone);
  if (dayMs === undefined || offset === undefined) return { kind: 'impossible' };
  if (hour === undefined) return { kind: 'instant', instant: { ms: dayMs, nanos: 0 }, zoned: true };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return { kind: 'impossible' };
  const nanos = Number(fraction.padEnd(9, '0'));
  const minutes = Number(hour) * 60 + Number(minute) - offset;
  const ms = dayMs + minutes * MINUTE_MS + Number(second) * 1_000 + Math.floor(nanos / 1e6);
  return { kind: 'instant', instant: { ms, nanos: nanos % 1e6 }, zoned: zone !== undefined };
}

/** Negative, zero or positive as `value` is before, at or after the instant; NaN when it is not ISO text. */
export function compareInstant(value: unknown, instant: ExactInstant): number {
  if (typeof value !== 'string') return Number.NaN;
  const reading = readInstant(value);
  if (reading.kind !== 'instant') return Number.NaN;
  return reading.instant.ms - instant.ms || reading.instant.nanos - instant.nanos;
}

/** Midnight UTC of a day, or `undefined` when the calendar has no such day. */
function dayOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
