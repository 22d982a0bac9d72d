import { DURABLE, FaultCluster, FULL, LEDGER_SCRIPT, TENANT } from './support/fault-cluster.js';
import { waitFor } from '../support/wait-for.js';

const EVENTS = FULL ? 1_000 : 60;

/** Changes that a later version may make to the tables while this one runs. It adds, and never drops or renames. */
const NEXT_VERSION = [
  `ALTER TABLE scripts ADD COLUMN next_setting text`,
  `ALTER TABLE script_executions ADD COLUMN next_figure integer NOT NULL DEFAULT 0`,
  `CREATE INDEX next_figure_idx ON script_executions (tenant_id, next_figure)`,
  `ALTER TABLE dead_letter_queue ADD COLUMN next_note text`,
  `ALTER TABLE scripts_event_nodes ADD COLUMN next_version text`,
];

let cluster: FaultCluster;
beforeEach(async () => (cluster = await FaultCluster.create()));
afterEach(() => cluster.dispose());

describe('a rolling deployment with a new migration', () => {
  it('loses no event and completes none twice, while both versions run and while the old one stops', async () => {
    const old = await cluster.node();
    await cluster.script(LEDGER_SCRIPT());
    const batch = { tenantId: TENANT, count: EVENTS, parallel: 2 };
    const before = old.tell('publish', { ...batch, from: 1 });
    await waitFor('some have run', async () => (await cluster.ledger.ran()) > EVENTS / 10);
    for (const statement of NEXT_VERSION) await cluster.admin.query(statement);
    const next = await cluster.node({ ...DURABLE, buffer: { ...DURABLE.buffer, workerCount: 6 } });
    const during = next.tell('publish', { ...batch, from: 10_001 });
    await before;
    await old.stop();
    await during;
    await next.tell('publish', { ...batch, from: 20_001 });
    await cluster.settled();
    expect(await cluster.ledger.report()).toMatchObject({
      published: 3 * EVENTS,
      completed: 3 * EVENTS,
      lost: 0,
      completedTwice: 0,
      extraRuns: { failed: 0, cut: 0, unexplained: 0 },
      deadLetters: {},
    });
  });
});
