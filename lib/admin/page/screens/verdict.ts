import type { DeadLetterCounts, Health, ScriptHealth, StatisticsBucket } from '../api/schema';

export interface Verdict {
  tone: 'good' | 'warn' | 'bad';
  title: string;
  reason: string;
  to?: { path: string; title: string };
}

const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** One verdict, and why: the worst first. */
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
    return { tone: 'bad', title: 'The application is not working properly', reason: health.summary };
  if (disabled.length > 0)
    return {
      tone: 'bad',
      title: `${plural(disabled.length, 'script is', 'scripts are')} disabled`,
      reason: `${named(disabled)} ${disabled.length === 1 ? 'does' : 'do'} not run, and ${plural(held.count, 'event is', 'events are')} held. Mend the source, then resume.`,
      to: { path: `scripts/${disabled[0]?.scriptId ?? ''}`, title: 'Open the script' },
    };
  if (exhausted.count > 0)
    return {
      tone: 'bad',
      title: `${plural(exhausted.count, 'dead letter waits', 'dead letters wait')} for a person`,
      reason: 'Their retries are used up. Find out why they failed, then replay or discard them.',
      to: { path: 'failures', title: 'See what failed' },
    };
  if (degraded.length > 0)
    return {
      tone: 'warn',
      title: `${plural(degraded.length, 'script is', 'scripts are')} degraded`,
      reason: `${named(degraded)} ${degraded.length === 1 ? 'fails' : 'fail'} too often, and ${degraded.length === 1 ? 'runs' : 'run'} one event at a time.`,
      to: { path: `scripts/${degraded[0]?.scriptId ?? ''}`, title: 'Open the script' },
    };
  if (health?.status === 'degraded')
    return { tone: 'warn', title: 'The application is not at its best', reason: health.summary };
  if (pending.count > 0)
    return {
      tone: 'warn',
      title: `${plural(pending.count, 'event waits', 'events wait')} for a retry`,
      reason: 'They failed, and are tried again by themselves. Nobody has to act yet.',
      to: { path: 'dead-letters', title: 'See them' },
    };
  return {
    tone: 'good',
    title: 'All is well',
    reason:
      completed + failed === 0
        ? 'Nothing ran in the last 24 hours, and nothing waits.'
        : failed === 0
          ? `All ${plural(completed, 'execution', 'executions')} of the last 24 hours completed.`
          : `${plural(completed, 'execution', 'executions')} completed in the last 24 hours; what failed was resolved.`,
  };
}

const named = (scripts: readonly ScriptHealth[]): string =>
  scripts.length === 1
    ? (scripts[0]?.scriptName ?? '')
    : `${scripts[0]?.scriptName ?? ''} and ${scripts.length - 1} more`;
