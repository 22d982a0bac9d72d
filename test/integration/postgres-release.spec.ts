import { createTestSchema } from '../support/postgres.js';

/** Those that are promised in README.md. */
const [OLDEST, NEWEST] = [14, 18];

describe('the server of the tests', () => {
  it('is the release of PostgreSQL that was asked for, one of those promised', async () => {
    const { dataSource } = await createTestSchema({ migrated: 'here' });
    const [row] = await dataSource.query<{ major: number }[]>(
      `SELECT current_setting('server_version_num')::integer / 10000 AS major`,
    );
    expect(String(row?.major)).toBe(process.env.TEST_POSTGRES_MAJOR ?? String(row?.major));
    expect(row?.major).toBeGreaterThanOrEqual(OLDEST);
    expect(row?.major).toBeLessThanOrEqual(NEWEST);
  });
});
