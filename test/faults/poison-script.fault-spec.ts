import { itInFull } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, LEDGER_SCRIPT, MEMORY, TENANT } from './support/fault-cluster.js';
import type { FaultNode } from './support/fault-node.js';

const EVENTS = 40;
/** V8 aborts the process for this source, whatever the limit of the isolate is. */
const POISON = `for (let text = 'x'; ; ) text = JSON.stringify(text + text);`;

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe('a script that kills its process each time', () => {
  // Only in the full form: "is disabled with one alert" of test/e2e/breaker.e2e-spec.ts proves the same.
  itInFull.each([
    ['memory', MEMORY, 1],
    ['durable', DURABLE, 2],
  ] as const)(
    'is disabled with one alert, and other scripts of its tenant and of other tenants lose no event (%s mode)',
    async (_mode, options, count) => {
      const nodes: FaultNode[] = [];
      for (let index = 0; index < count; index++) nodes.push(await cluster.node(options));
      await cluster.script(LEDGER_SCRIPT());
      await cluster.script(LEDGER_SCRIPT(), 'neighbour');
      const eventTypes = ['client.created'];
      const poison = await cluster.script({ name: 'poison', eventTypes, source: POISON, active: true });
      for (const [index, tenantId] of [TENANT, 'neighbour'].entries()) {
        const from = 1 + index * 10_000;
        await nodes[0]!.tell('emit', { tenantId, from, count: EVENTS });
        await cluster.ledger.emitted(tenantId, from, EVENTS);
      }
      await waitFor(
        'the poison is disabled',
        async () => (await cluster.statusOf(poison)) === 'disabled',
        240_000,
      );
      await cluster.settled();
      // Events from now on are held, not lost.
      await nodes[0]!.tell('emit', { tenantId: TENANT, from: 5_000, count: 3 });
      await cluster.ledger.emitted(TENANT, 5_000, 3);
      await cluster.settled();
      await waitFor('the poison keeps what came', async () => (await cluster.keptFor(poison)) === EVENTS + 3);

      const report = await cluster.ledger.report(nodes.map(({ pid }) => pid));
      expect(report).toMatchObject({ lost: 0, completed: 2 * EVENTS + 3, completedTwice: 0 });
      expect(report.extraRuns).toMatchObject({ failed: 0, unexplained: 0 });
      expect(nodes.every((node) => node.alive)).toBe(true);
      const alerts = () =>
        nodes.flatMap(
          (node) => node.output.match(/"poison" \([0-9a-f-]{36}\) of tenant acme is disabled/g) ?? [],
        );
      await waitFor('it is alerted', () => alerts().length > 0);
      await Promise.all(nodes.map((node) => node.stop()));
      expect(alerts()).toHaveLength(1);
    },
  );
});
