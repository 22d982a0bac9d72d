import type { ScheduleState, ScriptEntity, TestRunResult } from 'nestjs-scripts-event';
import type { DemoContext } from '../demo.context.js';
import type { OverHttp } from '../story.js';

/** Chapter: a test run of a script with a schedule, before the time of the schedule. */
export async function tryDigest({ terminal, acme }: DemoContext): Promise<void> {
  terminal.chapter('A weekly digest, by the clock');
  const { api, scripts } = acme;
  const script = scripts.find(({ name }) => name === 'Weekly digest') as ScriptEntity;
  const [schedule] = await api.call<OverHttp<ScheduleState>[]>('GET', `/scripts/${script.id}/schedules`);
  if (!schedule) throw new Error(`"${script.name}" has no schedule.`);
  const { cron, timezone, nextTimes } = schedule;
  terminal.line('  ', [script.name, 'name'], ` runs at "${cron}" in ${timezone}, next at`);
  for (const time of nextTimes) terminal.line([`    ${String(time)}`, 'good']);

  const path = `/scripts/${script.id}/test`;
  const tried = await api.call<TestRunResult>('POST', path, { event: { type: 'schedule' } });
  const result = tried.status === 'completed' ? JSON.stringify(tried.result) : tried.status;
  terminal.line('  POST /scripts/…/test with the type "schedule" → ', [
    result,
    tried.status === 'completed' ? 'good' : 'bad',
  ]);
  terminal.line([
    '    it has read what was counted; that it sets the count to zero stays in the test run',
    'quiet',
  ]);
}
