import { StoreQueues } from '../../../lib/execution/store-queues.js';
import { StoreTurns } from '../../../lib/store/store.turns.js';
import type { StoreTurn } from '../../../lib/store/store.types.js';

/** Turns of all processes, kept in memory in place of the database. */
class SharedTurns extends StoreTurns {
  holder: string | undefined;
  readonly taken: string[] = [];
  refused = 0;
  away = false;
  onRefused: () => unknown = () => undefined;

  async take({ executionId }: StoreTurn): Promise<boolean> {
    if (this.away) throw new Error('the database is away');
    if (this.holder !== undefined && this.holder !== executionId) {
      this.refused += 1;
      this.onRefused();
      return false;
    }
    this.holder = executionId;
    this.taken.push(executionId);
    return true;
  }

  async end({ executionId }: StoreTurn): Promise<void> {
    if (this.holder === executionId) this.holder = undefined;
  }
}

const GOES_ON = { aborted: false };
const LOST = { scope: 's', key: 'n' };

describe('runs that lost a conflict over a key', () => {
  it('take turns in a process, in the order in which they came', async () => {
    const turns = new SharedTurns();
    const queues = new StoreQueues(turns);
    const runs = ['a', 'b', 'c'].map((name) => queues.of('acme', name, GOES_ON));
    const taking = runs.map((run) => run.take(LOST, 1));
    for (const [at, run] of runs.entries()) {
      await taking[at];
      expect(turns.taken).toEqual(['a', 'b', 'c'].slice(0, at + 1));
      run.end(false);
    }
    expect(turns.refused).toBe(0);
  });

  it('keep their turn if they lose again, and take no turn from other tenants', async () => {
    const turns = new SharedTurns();
    const queues = new StoreQueues(turns);
    const run = queues.of('acme', 'a', GOES_ON);
    await run.take(LOST, 1);
    await run.take({ scope: 's', key: 'm' }, 1);
    expect(turns.taken).toEqual(['a', 'a']);
    turns.holder = undefined;
    await queues.of('globex', 'b', GOES_ON).take(LOST, 1);
    expect(turns.taken).toEqual(['a', 'a', 'b']);
  });

  it('all get a turn among ten busy processes, of which none has more than ten turns in a row', async () => {
    const turns = new SharedTurns();
    const done: number[] = [];
    const runsOf = async (process: number): Promise<void> => {
      const queues = new StoreQueues(turns);
      const one = async (at: number): Promise<void> => {
        const turn = queues.of('acme', `${process} ${at}`, GOES_ON);
        await turn.take(LOST, 1);
        expect(turns.holder).toBe(`${process} ${at}`);
        done.push(process);
        turn.end(false);
      };
      await Promise.all(Array.from({ length: 25 }, (_, at) => one(at)));
    };
    await Promise.all(Array.from({ length: 10 }, (_, process) => runsOf(process)));
    expect(done).toHaveLength(250);
    // A process that is left alone at the end has no other to give way to.
    const others = (from: number): Set<number> => new Set(done.slice(from));
    for (let from = 0; from + 11 <= done.length && others(from).size > 1; from++)
      expect(new Set(done.slice(from, from + 11)).size).toBeGreaterThan(1);
  });

  it('stop waiting for a turn once they are aborted', async () => {
    const turns = new SharedTurns();
    turns.holder = 'somebody on another node';
    const signal = { aborted: false };
    turns.onRefused = () => (signal.aborted = true);
    const run = new StoreQueues(turns).of('acme', 'a', signal);
    await run.take(LOST, 1);
    run.end(false);
    expect([turns.refused, turns.taken]).toEqual([1, []]);
  });

  it('continue without a turn while the database is unavailable', async () => {
    const turns = new SharedTurns();
    turns.away = true;
    const run = new StoreQueues(turns).of('acme', 'a', GOES_ON);
    await run.take(LOST, 1);
    run.end(false);
    expect(turns.taken).toEqual([]);
  });
});
