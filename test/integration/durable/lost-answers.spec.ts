import type { QueuedEvent } from '../../../lib/buffer/queued-event.js';
import { type DurableCluster, durableCluster } from '../../support/durable-buffer.js';
import { queuedEvent } from '../../support/queued-events.js';
import type { Tamper } from '../../support/tampered-database.js';
import { waitFor } from '../../support/wait-for.js';

const ordered = (eventId: string): QueuedEvent =>
  queuedEvent({ id: eventId, ordering: { key: 'one', onFailure: 'skip' } });

/** Breaks the connection of the first statement with these words once the server has done it: the answer is lost. */
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

describe('a statement that was done although its answer was lost', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  /** What takes a minute. */
  const aMinuteLater = (table: 'ordered' | 'slots', column: string) =>
    cluster.schema.dataSource.query(
      `UPDATE scripts_event_${table} SET ${column} = ${column} - interval '1 minute' WHERE node_id IS NOT NULL`,
    );

  it('leaves no turn in the hands of a node that does not know of it', async () => {
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
    ['script', { scriptRuns: 1 }, 1],
    ['script, nor that of its tenant which it got before', { tenantRuns: 1, scriptRuns: 1 }, 2],
  ])('leaves no slot of a %s in the hands of a node that does not know of it', async (_, limits, lanes) => {
    // Of the two statements that each lane takes, the first makes its slots.
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

  it('takes nothing from a run that goes on for longer than that', async () => {
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

describe('a statement of a dead node that comes late', () => {
  let cluster: DurableCluster;

  beforeEach(async () => (cluster = await durableCluster()));
  afterEach(() => cluster.dispose());

  it('keeps neither a turn nor a slot from the living', async () => {
    const { dataSource } = cluster.schema;
    const node = await cluster.node({ sharedLimits: () => ({ scriptRuns: 1 }) });
    const ran: string[] = [];
    await node.start(async ({ id }) => void ran.push(id));
    const { scriptId } = ordered('');
    // The node's lease has run out and what it held is free; then its last statements come through.
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
