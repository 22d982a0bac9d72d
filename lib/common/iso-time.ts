const MINUTE_MS = 60_000;

/** The minute of the last call, and the text that its times begin with. */
let minute = Number.NaN;
let beginning = '';

/**
 * Returns `new Date(time).toISOString()`, but faster: that takes nearly a microsecond, each event and each execution
 * has such times, and most are in the same minute.
 *
 * @param time milliseconds since the epoch
 * @throws RangeError for NaN
 */
export function isoTime(time: number): string {
  const whole = Math.trunc(time);
  const itsMinute = Math.floor(whole / MINUTE_MS);
  if (itsMinute !== minute) {
    beginning = new Date(itsMinute * MINUTE_MS).toISOString().slice(0, -'00.000Z'.length);
    minute = itsMinute;
  }
  const milliseconds = whole - itsMinute * MINUTE_MS;
  const seconds = Math.floor(milliseconds / 1000);
  return `${beginning}${digits(seconds, 2)}.${digits(milliseconds - seconds * 1000, 3)}Z`;
}

const digits = (value: number, count: number): string => String(value).padStart(count, '0');
