import type { StatisticsBucket } from '../api/schema';

const HOUR_MS = 3_600_000;
const WIDTH = 720;
const HEIGHT = 120;
const GAP = 4;

interface Bar {
  at: number;
  completed: number;
  failed: number;
}

/** Every hour of the span; the API omits hours without executions. */
function everyHour(buckets: readonly StatisticsBucket[], hours: number): Bar[] {
  const known = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
  const last = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, position) => {
    const at = last - (hours - 1 - position) * HOUR_MS;
    const { completed = 0, failed = 0 } = known.get(at) ?? {};
    return { at, completed, failed };
  });
}

const hourOf = (at: number, utc: boolean): string =>
  new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(utc ? { timeZone: 'UTC' } : {}),
  }).format(at);

/** Executions by the hour: completed, and failed above them. */
export function HourBars({
  buckets,
  hours = 24,
  utc,
}: {
  buckets: readonly StatisticsBucket[];
  hours?: number;
  utc: boolean;
}) {
  const bars = everyHour(buckets, hours);
  const most = Math.max(1, ...bars.map(({ completed, failed }) => completed + failed));
  const step = WIDTH / hours;
  const height = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / most) * (HEIGHT - 4)));
  const sum = (of: 'completed' | 'failed'): number => bars.reduce((total, bar) => total + bar[of], 0);
  const said = `${sum('completed').toLocaleString('en')} executions completed and ${sum('failed').toLocaleString('en')} failed in the last ${hours} hours.`;
  return (
    <figure class="bars">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said} preserveAspectRatio="none">
        {bars.map(({ at, completed, failed }, position) => {
          const good = height(completed);
          const bad = height(failed);
          const box = { x: position * step + GAP / 2, width: step - GAP, rx: 2 };
          return (
            <g key={at}>
              <title>{`${hourOf(at, utc)}: ${completed} completed, ${failed} failed`}</title>
              <rect class="ground" {...box} y={0} height={HEIGHT} />
              {completed > 0 && <rect class="good" {...box} y={HEIGHT - good} height={good} />}
              {failed > 0 && <rect class="bad" {...box} y={Math.max(0, HEIGHT - good - bad)} height={bad} />}
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span>{hourOf(bars[0]?.at ?? 0, utc)}</span>
        <span class="legend">
          <i class="good" aria-hidden="true" /> {sum('completed').toLocaleString('en')} completed
          <i class="bad" aria-hidden="true" /> {sum('failed').toLocaleString('en')} failed
        </span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
