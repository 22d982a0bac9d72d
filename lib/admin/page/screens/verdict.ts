import type { DeadLetterCounts, Health, ScriptHealth, StatisticsBucket } from '../api/schema';

export interface Verdict {
  tone: 'good' | 'warn' | 'bad';
  title: string;
  reason: string;
  to?: { path: string; title: string };
}

const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** The worst state, with its reason. */
export function verdictOf(
  { exhausted, pending, held }: DeadLetterCounts,
  unwell: readonly ScriptHealth[],
  buckets: readonly StatisticsBucket[],
  health: Health | undefined,
): Verdict {
  const disabled = unwell.filter(({ state }) => state === 'disabled');
  const degraded = unwell.filter(({ state }) => state === 'degraded');
  const failed = buckets.reduce((sum, bucket) => sum + bucket.failed, 0);
  const completed = buckets.reduce((sum, bucket) => sum + bucket.completed, 0);
  if (health?.status === 'down')
    return { tone: 'bad', title: 'The application isn’t working properly', reason: health.summary };
  if (disabled.length > 0)
    return {
      tone: 'bad',
      title: `${plural(disabled.length, 'script is', 'scripts are')} disabled`,
      reason: `${named(disabled)} ${disabled.length === 1 ? 'doesn’t' : 'don’t'} run, and ${plural(held.count, 'event is', 'events are')} held. Fix the source, then resume.`,
      to: { path: `scripts/${disabled[0]?.scriptId ?? ''}`, title: 'Open the script' },
    };
  if (exhausted.count > 0)
    return {
      tone: 'bad',
      title: `${plural(exhausted.count, 'dead letter needs', 'dead letters need')} attention`,
      reason:
        exhausted.count === 1
          ? 'Its retries are used up. Find out why it failed, then replay or discard it.'
          : 'Their retries are used up. Find out why they failed, then replay or discard them.',
      to: { path: 'failures', title: 'Show failures' },
    };
  if (degraded.length > 0)
    return {
      tone: 'warn',
      title: `${plural(degraded.length, 'script is', 'scripts are')} degraded`,
      reason: `${named(degraded)} ${degraded.length === 1 ? 'fails' : 'fail'} too often, and ${degraded.length === 1 ? 'runs' : 'run'} one event at a time.`,
      to: { path: `scripts/${degraded[0]?.scriptId ?? ''}`, title: 'Open the script' },
    };
  if (health?.status === 'degraded')
    return { tone: 'warn', title: 'The application is degraded', reason: health.summary };
  if (pending.count > 0)
    return {
      tone: 'warn',
      title: `${plural(pending.count, 'event is', 'events are')} waiting for a retry`,
      reason: 'Failed executions are retried automatically. There is nothing to do yet.',
      to: { path: 'dead-letters', title: 'Show dead letters' },
    };
  return {
    tone: 'good',
    title: 'All is well',
    reason:
      completed + failed === 0
        ? 'Nothing has run in the last 24 hours, and nothing is waiting.'
        : failed === 0
          ? `${plural(completed, 'execution', 'executions')} completed in the last 24 hours, and none failed.`
          : `${plural(completed, 'execution', 'executions')} completed in the last 24 hours. What failed has been resolved.`,
  };
}

const named = (scripts: readonly ScriptHealth[]): string =>
  scripts.length === 1
    ? (scripts[0]?.scriptName ?? '')
    : `${scripts[0]?.scriptName ?? ''} and ${scripts.length - 1} more`;
