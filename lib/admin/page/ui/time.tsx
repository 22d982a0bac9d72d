import { useSettings } from '../settings';

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'short' });

/** “4 min. ago”, “in 2 hr.”, with spaces that don’t break; in seconds only close to now. */
export function fromNow(at: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(at) - now) / 1_000);
  for (const [unit, size] of UNITS)
    if (Math.abs(seconds) >= size) return inWords(Math.trunc(seconds / size), unit);
  return Math.abs(seconds) < 5 ? 'just\u00a0now' : inWords(seconds, 'second');
}

const inWords = (number: number, unit: Intl.RelativeTimeFormatUnit): string =>
  relative.format(number, unit).replaceAll(' ', '\u00a0');

/** A moment in full, in the chosen clock. */
export function useMoment(): (at: string) => string {
  const { clock } = useSettings().settings;
  return (at) =>
    new Intl.DateTimeFormat('en-GB', {
      dateStyle: 'medium',
      timeStyle: 'medium',
      ...(clock === 'UTC' ? { timeZone: 'UTC' } : {}),
    }).format(new Date(at)) + (clock === 'UTC' ? ' UTC' : '');
}

/** How long ago; the full moment shows on hover. */
export function When({ at, full = false }: { at: string | null; full?: boolean }) {
  const moment = useMoment();
  if (at === null) return <span class="quiet">never</span>;
  return full ? (
    <time dateTime={at}>{moment(at)}</time>
  ) : (
    <time dateTime={at} title={moment(at)}>
      {fromNow(at)}
    </time>
  );
}

/** When something was done, and by whom. */
export const WhenBy = ({ at, by }: { at: string; by: string | null }) => (
  <span class="stack">
    <When at={at} />
    {by && <small>by {by}</small>}
  </span>
);
