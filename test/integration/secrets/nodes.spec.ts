import { testDataSource } from '../../support/postgres.js';
import { tenantValues, type TenantValues, newKey, cipherOf } from '../../support/tenant-values.js';
import { waitFor } from '../../support/wait-for.js';

const VALUE = 'xoxb-first-value';
const NEW = 'xoxb-second-value';

/** The value that a run of a script with this secret would send. */
async function valueOf(
  { vault }: TenantValues,
  name = 'token',
  tenantId = 'acme',
): Promise<string | undefined> {
  const secrets = await vault.forRun(tenantId, [name]);
  await secrets.open();
  const marker = `_secret_${secrets.nonce}_0_`;
  const filled = secrets.fill(marker, { inProcess: true });
  return filled === marker ? undefined : filled;
}
const textOf = async ({ store }: TenantValues, tenantId = 'acme'): Promise<unknown> =>
  JSON.parse((await store.of(tenantId)).text);

describe('secrets and variables on two nodes', () => {
  it.each([
    ['at once, by a message', { listen: true }],
    ['by polling, if messages are lost', { pollIntervalMs: 50 }],
  ])('take effect on both nodes %s', async (_how, options) => {
    const dataSource = await testDataSource();
    const cipher = cipherOf(newKey('2026'));
    const [here, there] = [
      await tenantValues(dataSource, { ...options, cipher }),
      await tenantValues(dataSource, { ...options, cipher }),
    ];
    await here.secrets.create('acme', { name: 'token', value: VALUE }, 'ada');
    await here.variables.set('acme', 'region', 'eu', 'ada');
    // On the own node, the change takes effect when the call resolves.
    expect(await valueOf(here)).toBe(VALUE);
    expect(await textOf(here)).toEqual({ region: 'eu' });
    await waitFor('the other node has them', async () => (await valueOf(there)) === VALUE);
    await waitFor(
      'the other node has the variable',
      async () => 'region' in ((await textOf(there)) as object),
    );

    const running = await there.vault.forRun('acme', ['token']);
    await here.secrets.rotate('acme', 'token', NEW, 'eve');
    await here.variables.setMany('acme', { region: 'us', limit: [1, { a: null }] }, 'eve');
    await waitFor('the new value is there', async () => (await valueOf(there)) === NEW);
    await waitFor('both variables are there', async () => {
      const text = (await textOf(there)) as Record<string, unknown>;
      // Both variables change together.
      expect(text.region === 'us').toBe('limit' in text);
      return text.region === 'us';
    });
    // A run that began before goes on with its values.
    await running.open();
    expect(running.fill(`_secret_${running.nonce}_0_`, { inProcess: true })).toBe(VALUE);

    await here.secrets.delete('acme', 'token');
    await here.variables.delete('acme', 'region', 'eve');
    await waitFor('they are gone there', async () => (await valueOf(there)) === undefined);
    await waitFor('the variable is gone there', async () => !('region' in ((await textOf(there)) as object)));
    expect(await valueOf(there, 'token', 'globex')).toBeUndefined();
  });

  it('are read by a run as one state: variables that are changed together are never read with old and new values', async () => {
    const node = await tenantValues(await testDataSource());
    await node.variables.setMany('acme', { a: 0, b: 0 });
    const looks: { a: number; b: number }[] = [];
    for (let n = 1; n <= 20; n++) {
      const writing = node.variables.setMany('acme', { a: n, b: n });
      // Reads while the variables are written and read again.
      for (let turn = 0; turn < 20; turn++) {
        looks.push((await textOf(node)) as { a: number; b: number });
        await new Promise(setImmediate);
      }
      await writing;
    }
    expect(looks.filter(({ a, b }) => a !== b)).toEqual([]);
    expect(await textOf(node)).toEqual({ a: 20, b: 20 });
  });
});
