import type { ExecutionSummary } from 'nestjs-scripts-event';
import type { DemoContext, Tenant } from './demo.context.js';
import type { Facts } from './differences.js';
import { countFacts } from './chapters/count-exactly.js';
import { secretFacts } from './chapters/use-a-secret.js';
import { parseMetrics } from './metrics.js';
import { readAll, type DeadLetter, type OverHttp } from './story.js';

/** Gathers the results of the run from outside: from the HTTP API, the metrics, and the host's own listeners. */
export async function gatherFacts(context: DemoContext): Promise<Facts> {
  const { app, acme, globex } = context;
  return {
    'events emitted': count(app.events.emitted, ({ tenantId, type }) => [tenantId, type]),
    'events published by scripts': count(app.events.published, ({ tenantId, type }) => [tenantId, type]),
    executions: { acme: await executionsOf(acme), globex: await executionsOf(globex) },
    'dead letters': { acme: await deadLettersOf(acme), globex: await deadLettersOf(globex) },
    alerts: count(app.events.alerts, ({ tenantId, scriptId }) => [tenantId, nameOf(context, scriptId)]),
    metrics: await metricsOf(app.baseUrl),
    isolation: await isolationOf(context),
    'a secret': await secretFacts(context),
    'a counter in the store': await countFacts(context),
    'host told by a script': { 'client marked as VIP': await isVip(context) },
  };
}

async function executionsOf(tenant: Tenant): Promise<Facts> {
  const executions = await readAll<OverHttp<ExecutionSummary>>(tenant.api, '/executions');
  return count(executions, ({ scriptId, status }) => [ownName(tenant, scriptId), status]);
}

async function deadLettersOf(tenant: Tenant): Promise<Facts> {
  const deadLetters = await readAll<DeadLetter>(tenant.api, '/dead-letters');
  return Object.fromEntries(
    deadLetters.map(({ scriptId, errorKind, reason, status, retryCount }) => [
      ownName(tenant, scriptId),
      { why: errorKind ?? reason, status, retries: retryCount },
    ]),
  );
}

/** Counters by their labels, without those at 0. */
async function metricsOf(baseUrl: string): Promise<Facts> {
  const text = await (await fetch(`${baseUrl}/metrics`)).text();
  const wanted = /^scripts_(events_\w+_total|dlq_\w+)$/;
  const samples = parseMetrics(text, 'scripts_').filter(
    ({ name, value }) => wanted.test(name) && value !== 0,
  );
  const facts: Record<string, Record<string, number>> = {};
  for (const { name, labels, value } of samples)
    (facts[name] ??= {})[Object.values(labels).join(' ')] = value;
  return facts;
}

/** What globex gets if it asks for data of acme. */
export async function isolationOf({
  acme,
  globex,
}: Pick<DemoContext, 'acme' | 'globex'>): Promise<Record<string, number>> {
  const [script] = acme.scripts;
  const [execution] = await readAll<ExecutionSummary>(acme.api, '/executions');
  const [deadLetter] = await readAll<DeadLetter>(acme.api, '/dead-letters');
  const ask = async (path: string): Promise<number> => (await globex.api.send('GET', path)).status;
  const replay = await globex.api.send('POST', `/dead-letters/${deadLetter?.id}/replay`);
  return {
    'script of the other tenant': await ask(`/scripts/${script?.id}`),
    'execution of the other tenant': await ask(`/executions/${execution?.id}`),
    'dead letter of the other tenant': await ask(`/dead-letters/${deadLetter?.id}`),
    'replay of a dead letter of the other tenant': replay.status,
  };
}

async function isVip({ acme, memory }: DemoContext): Promise<boolean> {
  return (await acme.api.call<{ vip: boolean }>('GET', memory.fill('/clients/{important}'))).vip;
}

/** Counts things in a tree, by the path of each. */
function count<T>(things: readonly T[], pathOf: (thing: T) => [string, string]): Facts {
  const tree: Record<string, Record<string, number>> = {};
  for (const thing of things) {
    const [branch, leaf] = pathOf(thing);
    const leaves = (tree[branch] ??= {});
    leaves[leaf] = (leaves[leaf] ?? 0) + 1;
  }
  return tree;
}

/** The name of a tenant's own script. A script of another tenant keeps its id, which no expectation has. */
const ownName = ({ scripts }: Tenant, scriptId: string): string =>
  scripts.find(({ id }) => id === scriptId)?.name ?? scriptId;

const nameOf = ({ acme, globex }: DemoContext, scriptId: string): string =>
  [...acme.scripts, ...globex.scripts].find(({ id }) => id === scriptId)?.name ?? scriptId;
