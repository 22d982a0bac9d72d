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

  it('takes jobs only under the lease, and numbers them; its values and its name stay the same', () => {
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

  it('returns jobs in the order of the queue, whatever order the server returns them in', () => {
    const row = (priority: number, tag: string) => ({ priority, tag });
    const [first, second, third] = [row(-1, '9'), row(0, '1104537600000001'), row(0, '1104537600000002')];
    expect(inOrder([third, first, second])).toEqual([first, second, third]);
  });

  it.each([
    ['does not select jobs', FETCH.replace('jobs.is_available', 'jobs.ready')],
    ['does not return jobs', FETCH.replace('returning *', 'returning id')],
  ])('is refused if it %s as the tested engines do', (_what, text) => {
    expect(() => guarded.apply({ text })).toThrow(EngineUnsupportedError);
  });
});
