import type { DeadLetterEntry } from 'nestjs-scripts-event';
import type { DemoContext, Tenant } from '../demo.context.js';
import { readAll, type DeadLetter, type OverHttp } from '../story.js';
import { cut, duration, type Cell, type Style } from '../terminal.js';
import { waitUntil } from '../wait.js';

const STYLES: Record<DeadLetter['status'], Style> = {
  pending: 'doubt',
  retrying: 'doubt',
  exhausted: 'bad',
  resolved: 'good',
  discarded: 'quiet',
};

/** Chapter: the dead letters with their next retries. */
export async function showDeadLetters({ terminal, acme }: DemoContext): Promise<void> {
  terminal.chapter('What failed is kept: GET /dead-letters');
  const deadLetters = await readAll<DeadLetter>(acme.api, '/dead-letters');
  terminal.table([
    headerOf('script', 'event', 'why', 'status', 'retries', 'next retry', 'error'),
    ...deadLetters
      .toReversed()
      .map((entry): Cell[] => [
        ...commonCells(acme, entry),
        `${entry.retryCount} of ${entry.maxRetries}`,
        nextRetryOf(entry),
        [cut(entry.error, 44), 'quiet'],
      ]),
  ]);
}

/** Chapter: the results of the retries, and the alerts. */
export async function awaitRetries({ app, terminal, acme }: DemoContext): Promise<void> {
  terminal.chapter('The retry worker has done its part');
  const settled = await waitUntil('no dead letter waits for a retry', async () => {
    const all = await readAll<DeadLetter>(acme.api, '/dead-letters');
    return all.some(({ status }) => status === 'pending' || status === 'retrying') ? undefined : all;
  });
  const rows = settled
    .toReversed()
    .map(async (entry): Promise<Cell[]> => [...commonCells(acme, entry), await attemptsOf(acme, entry)]);
  terminal.table([headerOf('script', 'event', 'why', 'status', 'attempts'), ...(await Promise.all(rows))]);

  const exhausted = settled.filter(({ status }) => status === 'exhausted').length;
  await waitUntil('each is alerted', () => app.events.alerts.length >= exhausted || undefined);
  terminal.line();
  terminal.line(
    '  One alert for each that is exhausted, in the log and to the host (script.dead_letter.exhausted):',
  );
  terminal.table(
    app.events.alerts.map(({ scriptId, errorKind, reason, retryCount, error }): Cell[] => [
      ['ALERT', 'bad'],
      [nameOf(acme, scriptId), 'name'],
      `${errorKind ?? reason} after ${retryCount} retries`,
      [cut(error, 60), 'quiet'],
    ]),
  );
}

const headerOf = (...titles: string[]): Cell[] => titles.map((title): Cell => [title, 'quiet']);

const commonCells = (
  tenant: Tenant,
  { scriptId, eventType, errorKind, reason, status }: DeadLetter,
): Cell[] => [[nameOf(tenant, scriptId), 'name'], eventType, errorKind ?? reason, [status, STYLES[status]]];

function nextRetryOf({ nextRetryAt }: DeadLetter): string {
  if (nextRetryAt === null) return '-';
  const wait = Date.parse(nextRetryAt) - Date.now();
  return wait > 0 ? `in ${duration(wait)}` : 'now';
}

/** The history of a dead letter on one line, with the times since the first attempt. */
async function attemptsOf({ api }: Tenant, { id, reason }: DeadLetter): Promise<string> {
  if (reason !== 'failed') return 'not run';
  const { attempts } = await api.call<OverHttp<DeadLetterEntry>>('GET', `/dead-letters/${id}`);
  const began = Date.parse(attempts[0]?.at ?? '');
  const runs = attempts.filter(({ trigger }) => trigger === 'event' || trigger === 'retry');
  return runs
    .map(({ at, kind }, index) => (index === 0 ? kind : `${kind} after ${duration(Date.parse(at) - began)}`))
    .join(', ');
}

const nameOf = ({ scripts }: Tenant, scriptId: string): string =>
  scripts.find(({ id }) => id === scriptId)?.name ?? scriptId;
