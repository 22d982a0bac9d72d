import { createTestSchema } from '../support/postgres.js';

/** The supported releases, as in README.md. */
const [OLDEST, NEWEST] = [14, 18];

describe('the server of the tests', () => {
  it('is the requested release of PostgreSQL, which is a supported one', async () => {
    const { dataSource } = await createTestSchema({ migrated: 'here' });
    const [row] = await dataSource.query<{ major: number }[]>(
      `SELECT current_setting('server_version_num')::integer / 10000 AS major`,
    );
    expect(String(row?.major)).toBe(process.env.TEST_POSTGRES_MAJOR ?? String(row?.major));
    expect(row?.major).toBeGreaterThanOrEqual(OLDEST);
    expect(row?.major).toBeLessThanOrEqual(NEWEST);
  });
});
