import { EngineUnsupportedError } from '../../../../lib/buffer/durable/engine/engine.errors.js';
import { GuardedFetch, inOrder } from '../../../../lib/buffer/durable/engine/guarded-fetch.js';

const FETCH = `with j as (
  select jobs.id from "w"._private_jobs as jobs
    where jobs.is_available = true
    and run_at <= now() for update skip locked
) update "w"._private_jobs as jobs set locked_by = $1::text from j where jobs.id = j.id
    returning *`;

describe('the fetch of the engine', () => {
  const guarded = new GuardedFetch({ nodes: '"nodes"', fence: '"it\'s"."fence"' }, 7_000);

  it('takes jobs only under the lease, numbers them, and stays the same in all else', () => {
    const { text, ...rest } = guarded.apply({ text: FETCH, values: ['node', [1]], name: 'get_job' });
    expect(rest).toEqual({ values: ['node', [1]], name: 'get_job' });
    expect(text).toContain(
      `where jobs.is_available = true and EXISTS (SELECT FROM "nodes" WHERE id = $1::text AND expires_at > now() + interval '700 milliseconds')
    and run_at <= now()`,
    );
    expect(text).toMatch(
      /returning \*, nextval\('"it''s"\."fence"'\)::text as fence, \(extract\(epoch from jobs\.run_at\)/,
    );
  });

  it('is answered in the order of the queue, whatever order the server answers in', () => {
    const row = (priority: number, tag: string) => ({ priority, tag });
    const [first, second, third] = [row(-1, '9'), row(0, '1104537600000001'), row(0, '1104537600000002')];
    expect(inOrder([third, first, second])).toEqual([first, second, third]);
  });

  it.each([
    ['does not choose', FETCH.replace('jobs.is_available', 'jobs.ready')],
    ['does not answer', FETCH.replace('returning *', 'returning id')],
  ])('is refused when it %s as the engines do that are known', (_what, text) => {
    expect(() => guarded.apply({ text })).toThrow(EngineUnsupportedError);
  });
});
