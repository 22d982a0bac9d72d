import type { DatabaseClient } from '../../../../lib/buffer/durable/durable-database.js';
import { GivenJobs } from '../../../../lib/buffer/durable/engine/given-jobs.js';
import type { Statement } from '../../../../lib/buffer/durable/engine/guarded-fetch.js';
import { PatientClient } from '../../../../lib/buffer/durable/engine/patient-client.js';

const FETCH = { text: 'select … for update\nskip  locked', values: ['node-1', [1]] };
const COMPLETE = { text: 'delete from jobs where id = $1', values: ['7'] };

type Answer = { rows: unknown[] } | Error;

/** Answers statements in turn, and remembers them. */
class ScriptedClient implements DatabaseClient {
  readonly sent: unknown[][] = [];
  released: unknown[] | undefined;
  constructor(private readonly answers: Answer[] = []) {}
  async query(...query: unknown[]): Promise<{ rows: unknown[] }> {
    this.sent.push(query);
    const answer = this.answers.shift() ?? { rows: [] };
    if (answer instanceof Error) throw answer;
    return answer;
  }
  release(...error: unknown[]): void {
    this.released = error;
  }
  on(): void {}
  removeListener(): void {}
}

const broken = new Error('Connection terminated unexpectedly');
const rows = (...ids: number[]) => ({ rows: ids.map((id) => ({ id })) });

function patient(first: ScriptedClient, next: ScriptedClient = new ScriptedClient(), fetching = true) {
  const given = new GivenJobs('jobs');
  const source = {
    named: true,
    namesLost: () => void (source.named = false),
    given,
    guarded: (fetch: Statement) => (fetching ? fetch : undefined),
    reconnect: async () => next,
  };
  return { client: new PatientClient(first, source), given, next };
}

describe('a connection of the engine', () => {
  it('sends a statement again on another connection after its own broke', async () => {
    const first = new ScriptedClient([broken]);
    const { client, next } = patient(first, new ScriptedClient([rows(1)]));
    expect(await client.query(COMPLETE)).toEqual(rows(1));
    expect(first.released).toEqual([broken]);
    expect(next.sent).toEqual([[COMPLETE]]);
    client.release();
    expect(next.released).toEqual([undefined]);
  });

  it.each([
    ['a full disk', '53100'],
    ['a read-only server', '25006'],
    ['a server that shuts down', '57P01'],
  ])('sends a statement again on another connection after %s', async (_what, code) => {
    const refused = Object.assign(new Error('refused'), { code });
    const { client, next } = patient(new ScriptedClient([refused]), new ScriptedClient([rows()]));
    await client.query(COMPLETE);
    expect(next.sent).toHaveLength(1);
  });

  it('passes on an error that another connection would not avoid', async () => {
    const refused = Object.assign(new Error('refused'), { code: '22P02' });
    const { client, next } = patient(new ScriptedClient([refused]));
    await expect(client.query(COMPLETE)).rejects.toBe(refused);
    expect(next.sent).toEqual([]);
  });

  it.each([
    ['does not exist', '26000'],
    ['already exists', '42P05'],
  ])(
    'sends this statement and all later ones without names if a pooler says that its prepared statement %s',
    async (_how, code) => {
      const lost = Object.assign(new Error('prepared statement'), { code });
      const first = new ScriptedClient([lost, rows(1), rows(2)]);
      const { client, next } = patient(first);
      expect(await client.query({ ...FETCH, name: 'get_job' })).toEqual(rows(1));
      expect(await client.query({ ...COMPLETE, name: 'complete_job' })).toEqual(rows(2));
      expect(first.sent).toEqual([
        [{ ...FETCH, name: 'get_job' }],
        [{ ...FETCH, name: undefined }],
        [{ ...COMPLETE, name: undefined }],
      ]);
      expect(next.sent).toEqual([]);
    },
  );

  it('passes on the error of a missing prepared statement if the statement has no name', async () => {
    const lost = Object.assign(new Error('prepared statement'), { code: '26000' });
    const { client } = patient(new ScriptedClient([lost, lost]));
    await expect(client.query(COMPLETE)).rejects.toBe(lost);
  });

  it('fetches no jobs once the node stops', async () => {
    const first = new ScriptedClient([rows(1)]);
    expect(await patient(first, undefined, false).client.query(FETCH)).toEqual({ rows: [] });
    expect(first.sent).toEqual([]);
  });

  it('frees the jobs that a lost answer may have locked, and no others, before it fetches again', async () => {
    const first = new ScriptedClient([rows(1, 2), rows(3), { rows: [] }, broken]);
    const { client, next } = patient(first, new ScriptedClient([{ rows: [] }, rows(4)]));
    await client.query(FETCH);
    await client.query(FETCH);
    await client.query({ text: 'delete …', values: [['1']] });
    expect(await client.query(FETCH)).toEqual(rows(4));
    const [[text, values], [fetch]] = next.sent as [[string, unknown[]], [unknown]];
    expect(text).toMatch(/^UPDATE jobs SET locked_by = NULL/);
    expect(values).toEqual(['node-1', ['2', '3']]);
    expect(fetch).toBe(FETCH);
  });

  it('forgets jobs that the engine has failed or returned, however a statement names them', async () => {
    const first = new ScriptedClient([rows(1, 2, 3, 4), { rows: [] }, { rows: [] }, { rows: [] }, broken]);
    const { client, next } = patient(first);
    await client.query(FETCH);
    await client.query({
      text: 'update …',
      values: ['node-1', JSON.stringify([{ jobId: '1' }, { jobId: 2 }])],
    });
    await client.query({ text: 'update …', values: ['node-1', ['3']] });
    await client.query({ text: 'delete …', values: [4] });
    await client.query(FETCH);
    expect(next.sent[0]).toEqual([expect.any(String), ['node-1', []]]);
  });

  it('frees no jobs if no answer was lost', async () => {
    const first = new ScriptedClient([rows(1), rows(2)]);
    const { client } = patient(first);
    await client.query(FETCH);
    await client.query(FETCH);
    expect(first.sent).toEqual([[FETCH], [FETCH]]);
  });
});
