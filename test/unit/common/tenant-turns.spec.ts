import { SourceChecksFullError } from '../../../lib/common/source-checks-full.error.js';
import { TenantTurns } from '../../../lib/common/tenant-turns.js';
import { waitFor } from '../../support/wait-for.js';

/** Work that ends when the test says so, and the names of the work that has begun. */
class Works {
  readonly begun: string[] = [];
  private readonly ends = new Map<string, () => void>();

  readonly of = (name: string) => (): Promise<string> => {
    this.begun.push(name);
    return new Promise((resolve) => this.ends.set(name, () => resolve(name)));
  };

  end(name: string): void {
    this.ends.get(name)!();
  }
}

const ROOM = { atOnce: 2, perTenant: 20, all: 1_000 };

describe('turns of tenants', () => {
  it('are one at a time for a tenant, and up to atOnce for several tenants', async () => {
    const turns = new TenantTurns(ROOM);
    const works = new Works();
    for (const name of ['a1', 'a2', 'b1', 'c1']) void turns.take(name[0], works.of(name));
    await waitFor('two have begun', () => works.begun.length === 2);
    expect(works.begun).toEqual(['a1', 'b1']);
    works.end('b1');
    await waitFor('a third has begun', () => works.begun.length === 3);
    expect(works.begun).toEqual(['a1', 'b1', 'c1']);
  });

  it('go to the tenant that has used the least time, however many others wait and since when', async () => {
    const turns = new TenantTurns({ ...ROOM, atOnce: 1 });
    const works = new Works();
    for (const tenant of ['a', 'b', 'c']) {
      for (const number of [1, 2, 3]) void turns.take(tenant, works.of(tenant + number));
    }
    for (const name of ['a1', 'b1', 'c1']) {
      await waitFor(`${name} has begun`, () => works.begun.includes(name));
      const since = performance.now();
      await waitFor('it has used some time', () => performance.now() > since + 1);
      works.end(name);
    }
    await waitFor('a fourth has begun', () => works.begun.length === 4);
    const fourth = works.begun[3]!;
    void turns.take('seldom', works.of('seldom'));
    works.end(fourth);
    await waitFor('a fifth has begun', () => works.begun.length === 5);
    expect(works.begun[4]).toBe('seldom');
  });

  it('pass on the answer or the error of the work, and continue after either', async () => {
    const turns = new TenantTurns({ ...ROOM, atOnce: 1 });
    await expect(turns.take('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await turns.take('a', async () => 7)).toBe(7);
  });

  it('refuse work over the limit of one tenant or of all tenants with a retryable error', async () => {
    const turns = new TenantTurns({ atOnce: 1, perTenant: 2, all: 3 });
    const works = new Works();
    for (const name of ['a1', 'a2', 'a3']) void turns.take('a', works.of(name));
    const own = turns.take('a', works.of('a4'));
    await expect(own).rejects.toThrow(SourceChecksFullError);
    await expect(own).rejects.toMatchObject({ code: 'source-checks-full', retryable: true });
    await expect(own).rejects.toThrow('2 sources of this tenant are already waiting');
    void turns.take('b', works.of('b1'));
    await expect(turns.take('c', works.of('c1'))).rejects.toThrow(
      '3 sources of all tenants together are already waiting',
    );
    works.end('a1');
    await waitFor('another has begun', () => works.begun.length === 2);
    void turns.take('c', works.of('c1'));
    for (const name of ['b1', 'c1']) {
      works.end(works.begun.at(-1)!);
      await waitFor(`${name} has begun`, () => works.begun.includes(name));
    }
  });

  it('treat each caller without a tenant as a tenant of its own', async () => {
    const turns = new TenantTurns(ROOM);
    const works = new Works();
    for (const name of ['x', 'y', 'z']) void turns.take(undefined, works.of(name));
    await waitFor('two have begun', () => works.begun.length === 2);
    expect(works.begun).toEqual(['x', 'y']);
  });
});
