import type { NewExecution } from '../../../lib/execution/execution.repository.js';
import { RunCommitter } from '../../../lib/execution/run-committer.js';
import { type RunCommit, RunCommits, type RunVerdict } from '../../../lib/execution/run-commits.js';
import type { SeenRange } from '../../../lib/store/store.types.js';

/** Transactions that a test inspects, and ends as it chooses. */
class HeldCommits extends RunCommits {
  readonly groups: string[][] = [];
  /** Decides how a transaction ends. */
  ends: (names: string[]) => Promise<void> = async () => undefined;

  async commit(runs: readonly RunCommit[]): Promise<RunVerdict[]> {
    const names = runs.map(({ record: { id } }) => id);
    this.groups.push(names);
    await this.ends(names);
    return runs.map(() => ({ status: 'accepted' }));
  }
}

const listed = (count: number): SeenRange[] =>
  count === 0 ? [] : [{ scope: 's', prefix: '', after: '', upTo: undefined, count, newest: '1' }];

/** A run of a tenant that has listed `keys` keys of a store. */
const run = (tenantId: string, name: string, keys = 0): RunCommit => ({
  record: { id: name, tenantId } as NewExecution,
  changes: { tenantId, keys: [], ranges: listed(keys), bytes: 10 },
  insists: false,
  publish: undefined,
});

describe('the commits of runs', () => {
  const committerOf = (commits: RunCommits, awayMs?: number): RunCommitter =>
    new RunCommitter(commits, { redelivered: () => undefined }, { tell: () => undefined }, awayMs);

  it('take turns over tenants: a tenant whose runs are expensive to commit delays only itself', async () => {
    const commits = new HeldCommits();
    const committer = committerOf(commits);
    const heavy = Array.from({ length: 5 }, (_, at) =>
      committer.commit(run('heavy', `heavy ${at}`, 100_000)),
    );
    let late: Promise<unknown>[] = [];
    commits.ends = async () => {
      if (late.length > 0) return;
      late = ['a', 'b'].flatMap((tenant) =>
        [0, 1].map((at) => committer.commit(run(tenant, `${tenant} ${at}`, 5))),
      );
    };
    await Promise.all(heavy);
    await Promise.all(late);
    expect(commits.groups).toEqual([
      ['heavy 0'],
      ['a 0', 'b 0', 'a 1', 'b 1'],
      ['heavy 1'],
      ['heavy 2'],
      ['heavy 3'],
      ['heavy 4'],
    ]);
  });

  it('that come together share a transaction, up to 100 in each', async () => {
    const commits = new HeldCommits();
    const committer = committerOf(commits);
    await Promise.all(Array.from({ length: 130 }, (_, at) => committer.commit(run('acme', `run ${at}`))));
    expect(commits.groups.map(({ length }) => length)).toEqual([100, 30]);
  });

  it('of other tenants succeed if the store of one tenant is locked', async () => {
    const commits = new HeldCommits();
    const committer = committerOf(commits, 0);
    commits.ends = async (names) => {
      const locked = Object.assign(new Error('canceling statement due to statement timeout'), {
        code: '57014',
      });
      if (names.some((name) => name.startsWith('locked'))) throw locked;
    };
    const runs = ['a', 'locked', 'b'].map((tenant) => committer.commit(run(tenant, `${tenant} 0`)));
    const ended = await Promise.allSettled(runs);
    expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(commits.groups).toEqual([['a 0', 'locked 0', 'b 0'], ['a 0'], ['locked 0'], ['b 0']]);
  });
});
