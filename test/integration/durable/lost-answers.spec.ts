import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import type { Tamper } from '../../support/tampered-database.js';
import { waitFor } from '../../support/wait-for.js';

const ordered = (eventId: string): QueuedEvent =>
  queuedEvent({ id: eventId, ordering: { key: 'one', onFailure: 'skip' } });

/** Carries out the first statement with these words and then ends its connection, so that the answer is lost. */
function losesAnswerTo(words: string): Tamper & { lost: boolean } {
  const tamper = async <T>(send: () => Promise<T>, text: string): Promise<T> => {
    const answer = await send();
    if (tamper.lost || !text.includes(words)) return answer;
    tamper.lost = true;
    throw new Error('the connection broke before the answer came');
  };
  tamper.lost = false;
  return tamper;
}

const TAKES_SLOT = 'SET node_id = $3, taken_at';

describe('a statement that was carried out although its answer was lost', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  /** Lets a minute pass for the rows of a node. */
  const aMinuteLater = (table: 'ordered' | 'slots', column: string) =>
    cluster.schema.dataSource.query(
      `UPDATE scripts_event_${table} SET ${column} = ${column} - interval '1 minute' WHERE node_id IS NOT NULL`,
    );

  it('does not leave a turn of an ordering key taken: after a minute, the events run', async () => {
    const tamper = losesAnswerTo(`SET state = 'running'`);
    const node = await cluster.node({}, tamper);
    const ran: string[] = [];
    await node.start(async ({ id }) => void ran.push(id));
    await node.enqueueIn(cluster.schema.dataSource.manager, [ordered('first'), ordered('second')]);
    await waitFor('the answer is lost', () => tamper.lost);
    await aMinuteLater('ordered', 'nudged_at');
    await waitFor('both ran', () => ran.length === 2);
    expect(ran).toEqual(['first', 'second']);
  });

  it.each([
    ['a script', { scriptRuns: 1 }, 1],
    ['a script, nor that of its tenant', { tenantRuns: 1, scriptRuns: 1 }, 2],
  ])('does not leave a slot of %s taken: after a minute, the event runs', async (_, limits, lanes) => {
    // Each lane needs two statements. The first one makes its slots.
    const tamper = losesAnswerTo(TAKES_SLOT);
    let taken = 0;
    const last: Tamper = (send, text) =>
      text.includes(TAKES_SLOT) && ++taken < 2 * lanes ? send() : tamper(send, text);
    const node = await cluster.node({ sharedLimits: () => limits }, last);
    const ran: string[] = [];
    await node.start(async ({ id }) => void ran.push(id));
    await node.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent({ id: 'only' })]);
    await waitFor('the answer is lost', () => tamper.lost);
    await aMinuteLater('slots', 'taken_at');
    await waitFor('it ran', () => ran.length === 1);
    expect(ran).toEqual(['only']);
  });

  it('has no effect on a run that lasts longer than a minute, which keeps its turn and its slot', async () => {
    const node = await cluster.node({ sharedLimits: () => ({ scriptRuns: 1 }) });
    const begun: string[] = [];
    let end!: () => void;
    const over = new Promise<void>((resolve) => (end = resolve));
    await node.start(async ({ id: eventId }) => {
      begun.push(eventId);
      await over;
    });
    await node.enqueueIn(cluster.schema.dataSource.manager, [ordered('first'), ordered('second')]);
    await waitFor('the first runs', () => begun.length === 1);
    await aMinuteLater('ordered', 'nudged_at');
    await aMinuteLater('slots', 'taken_at');
    await node.enqueueIn(cluster.schema.dataSource.manager, [queuedEvent({ id: 'other' })]);
    await waitFor('the other one is held back', () => node.stats().limited?.['script-busy'] === 1);
    expect(begun).toEqual(['first']);
    end();
    await waitFor('all ran', () => begun.length === 3);
  });
});

describe('a late statement of a dead node', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  it('does not keep a turn or a slot from living nodes', async () => {
    const { dataSource } = cluster.schema;
    const node = await cluster.node({ sharedLimits: () => ({ scriptRuns: 1 }) });
    const ran: string[] = [];
    await node.start(async ({ id }) => void ran.push(id));
    const { scriptId } = ordered('');
    // The node's lease has ended and its turns and slots are free. Then its last statements are carried out.
    await dataSource.query(`INSERT INTO scripts_event_slots (lane, slot, node_id) VALUES ($1, 0, 'dead')`, [
      `s:${scriptId}`,
    ]);
    await dataSource.query(
      `INSERT INTO scripts_event_ordered (tenant_id, script_id, order_key, event_id, event, on_failure, state, node_id,
        deliveries) VALUES ('acme', $1, 'one', 'first', $2, 'skip', 'running', 'dead', 1)`,
      [scriptId, JSON.stringify(ordered('first'))],
    );
    await node.enqueueIn(dataSource.manager, [ordered('second')]);
    await waitFor('both ran', () => ran.length === 2);
    expect(ran).toEqual(['first', 'second']);
  });
});
