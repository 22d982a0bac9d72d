import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../support/wait-for.js';
import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, TENANT } from './support/fault-cluster.js';
import { itInFull } from '../support/test-form.js';

const EVENTS = FULL ? 2_000 : 400;
/** How long the outage lasts after the node has left the queue. */
const REST_MS = FULL ? 12_000 : 0;
/**
 * The parts that log that the database is away and that it is back: heartbeat, statements, session and capture of the
 * buffer, execution records, dead letters, retries, alerts, breaker, retention, and the reads and the LISTEN of the index.
 */
const PARTS = 12;
const LEFT = 'This node left the queue because its lease ran out';

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.createWithServer()));
afterEach(() => cluster.dispose());

describe('the log of a node', () => {
  // Only in the full form: test/unit/events/throttled-log.spec.ts tests how lines are throttled.
  itInFull(
    'has at most two lines of each part for an outage of PostgreSQL under load, none at level error, and no event is lost',
    async () => {
      const node = await cluster.node(DURABLE);
      await cluster.script(LEDGER_SCRIPT());
      const publishing = node.tell('publish', { tenantId: TENANT, from: 1, count: EVENTS, parallel: 4 });
      await waitFor('some have run', async () => (await cluster.ledger.ran()) > 50);
      const before = node.output.length;
      await cluster.server.stop();
      await waitFor('the node has left the queue', () => node.output.includes(LEFT));
      // The length of the outage matters here: nothing is logged for as long as it lasts.
      await sleep(REST_MS);
      await cluster.server.start();
      await publishing;
      await cluster.settled();
      const report = await cluster.ledger.report([node.pid]);
      expect(report).toMatchObject({ lost: 0, ghosts: 0, completedTwice: 0 });
      expect(report.completed).toBe(report.published);

      const lines = node.output.slice(before).split('\n').filter(Boolean);
      // Each line of the log is one message, without stacks and without output of the engine.
      expect(lines.filter((line) => !line.startsWith('[Nest]'))).toEqual([]);
      expect(lines.filter((line) => line.includes('ERROR'))).toEqual([]);
      // Lines of one kind differ only after these characters: in the error, and in how many events wait.
      const kinds = lines.map((line) => line.replace(/^.*?(WARN|LOG) /, '').slice(0, 52));
      expect(kinds).toEqual([...new Set(kinds)]);
      expect(kinds.length).toBeLessThanOrEqual(2 * PARTS);
      const text = lines.join('\n');
      expect(text).toContain('The durable buffer is waiting for the database');
      expect(text).toContain(LEFT);
      expect(text).toContain('This node rejoined the queue.');
      // The engine writes this about a session that could not begin.
      expect(text).not.toContain('No tasks found');
    },
  );
});
