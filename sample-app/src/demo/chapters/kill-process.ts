import type { ExecutionSummary } from 'nestjs-scripts-event';
import type { DemoContext, Tenant } from '../demo.context.js';
import { readAll, type DeadLetter, type OverHttp } from '../story.js';
import { duration, type Cell } from '../terminal.js';
import { waitUntil } from '../wait.js';

/** How many reports are requested before a process is killed. */
const REPORTS = 6;

/** Chapter: SIGKILL ends a sandbox process in the middle of a run. No event is lost. */
export async function killProcess({ app, terminal, acme }: DemoContext): Promise<void> {
  terminal.chapter('A sandbox process is killed in the middle of its work');
  const script = acme.scripts.find(({ name }) => name === 'Monthly report');
  const [{ busy, others }] = await Promise.all([app.processes.killBusyOne(), askForReports(acme)]);
  terminal.line(
    `  ${REPORTS} × POST /reports, and `,
    [`kill -SIGKILL ${busy}`, 'bad'],
    ' while it runs one of them',
  );
  if (others.length > 0)
    terminal.line([`  (Killed before it, and replaced: ${others.join(', ')}.)`, 'quiet']);

  const all = await waitUntil('every report is ready', async () => {
    const executions = await readAll<OverHttp<ExecutionSummary>>(acme.api, '/executions');
    const reports = executions.filter(({ scriptId }) => scriptId === script?.id);
    return reports.filter(({ status }) => status === 'completed').length === REPORTS ? reports : undefined;
  });
  await waitUntil('the dead letter of the one that died is resolved', async () => {
    const deadLetters = await readAll<DeadLetter>(acme.api, '/dead-letters');
    return (
      deadLetters.some(({ scriptId, status }) => scriptId === script?.id && status === 'resolved') ||
      undefined
    );
  });
  terminal.table(
    all
      .toReversed()
      .map(({ status, durationMs, attempt, trigger, errorMessage }): Cell[] => [
        ['Monthly report', 'name'],
        [status, status === 'completed' ? 'good' : 'bad'],
        duration(durationMs),
        `attempt ${attempt} (${trigger})`,
        [errorMessage ?? '', 'bad'],
      ]),
  );
  terminal.line(
    `  The run that died was kept, tried again and completed: ${REPORTS} of ${REPORTS} reports are there.`,
  );
}

async function askForReports({ api }: Tenant): Promise<void> {
  for (let month = 1; month <= REPORTS; month += 1)
    await api.call('POST', '/reports', { month: `2026-0${month}` });
}
