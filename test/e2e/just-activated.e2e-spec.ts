import { ExecutionService } from '../../lib/index.js';
import { TestHost } from './support/test-host.js';

describe('a script that another instance has just activated', () => {
  it('runs on a direct call before the index knows of it', async () => {
    const one = await TestHost.with({ index: { listen: false, pollInterval: '1h' } });
    const script = await one.script('return "found";', { active: false });
    await one.database.dataSource.query(`UPDATE scripts SET status = 'active' WHERE id = $1`, [script]);
    const result = await one.get(ExecutionService).execute(script, {}, { tenantId: 'acme' });
    expect(result).toMatchObject({ status: 'completed', result: 'found' });
  });
});
