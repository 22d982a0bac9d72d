import type { DataSource } from 'typeorm';
import {
  DuplicateSecretError,
  InvalidQueryError,
  SecretCipher,
  SecretKeyError,
  SecretNotFoundError,
  SecretKeyMissingError,
  TooManySecretsError,
  type SecretReference,
} from '../../../lib/index.js';
import { testDataSource } from '../../support/postgres.js';
import { cipherOf, newKey, tenantValues, type TenantValues } from '../../support/tenant-values.js';

const VALUE = 'xoxb-first-value';
const [OLD, NEW] = [newKey('2025'), newKey('2026')];

async function opens({ vault }: TenantValues, tenantId: string, name: string): Promise<boolean> {
  const secrets = await vault.forRun(tenantId, [name]);
  return secrets.open().then(
    () => secrets.fill(`_secret_${secrets.nonce}_0_`, { inProcess: true }) === `${VALUE} ${tenantId} ${name}`,
    () => false,
  );
}

async function fill({ secrets }: TenantValues, tenantId: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++)
    await secrets.create(tenantId, { name: `s${n}`, value: `${VALUE} ${tenantId} s${n}` }, 'ada');
}

const keysOf = async (dataSource: DataSource): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await dataSource.query<{ key_id: string; count: number }[]>(
        'SELECT key_id, count(*)::int AS count FROM script_secrets GROUP BY key_id',
      )
    ).map(({ key_id, count }) => [key_id, count]),
  );

describe('the keys of secrets', () => {
  it('can be changed: rotateSecrets seals all secrets anew in batches, and the old key is no longer needed', async () => {
    const dataSource = await testDataSource();
    const before = await tenantValues(dataSource, { cipher: cipherOf(OLD) });
    await fill(before, 'acme', 7);
    await fill(before, 'globex', 4);
    const during = await tenantValues(dataSource, { cipher: cipherOf(NEW, OLD) });
    expect(await opens(during, 'acme', 's0')).toBe(true);
    const { updatedAt, version } = await during.secrets.get('acme', 's0');
    expect(await during.secrets.rotateSecrets({ batchSize: 3 })).toEqual({ sealed: 11, failed: [] });
    expect(await during.secrets.rotateSecrets()).toEqual({ sealed: 0, failed: [] });
    expect(await keysOf(dataSource)).toEqual({ 2026: 11 });
    // A rotation isn't recorded as a change by a person.
    expect(await during.secrets.get('acme', 's0')).toMatchObject({ updatedAt, version });
    const after = await tenantValues(dataSource, { cipher: cipherOf(NEW) });
    for (const [tenantId, name] of [
      ['acme', 's6'],
      ['globex', 's3'],
    ] as const)
      expect(await opens(after, tenantId, name)).toBe(true);
  });

  it('make the start fail if one is wrong; if one is missing, only its own secrets are unavailable', async () => {
    const dataSource = await testDataSource();
    await fill(await tenantValues(dataSource, { cipher: cipherOf(OLD) }), 'acme', 1);
    const other = newKey('2025');
    const wrong = tenantValues(dataSource, { cipher: cipherOf(other) });
    await expect(wrong).rejects.toBeInstanceOf(SecretKeyError);
    await expect(wrong).rejects.toThrow(
      '"2025" can\'t open secrets that were sealed with a key of the same id',
    );
    const without = await tenantValues(dataSource, { cipher: cipherOf(NEW) });
    expect(await opens(without, 'acme', 's0')).toBe(false);
    await fill(without, 'globex', 1);
    expect(await opens(without, 'globex', 's0')).toBe(true);
    expect(await without.secrets.rotateSecrets()).toEqual({
      sealed: 0,
      failed: [{ tenantId: 'acme', name: 's0', keyId: '2025' }],
    });
    expect(without.metrics.secretMetrics()).toMatchObject({ openFailed: 1, resealFailed: 1, sealFailed: 0 });
  });

  it('do not open a row that was copied to another tenant', async () => {
    const dataSource = await testDataSource();
    const cipher = cipherOf(NEW);
    await fill(await tenantValues(dataSource, { cipher }), 'acme', 1);
    await dataSource.query(
      `INSERT INTO script_secrets (tenant_id, name, key_id, sealed, revision)
        SELECT 'globex', name, key_id, sealed, nextval('scripts_revision_seq') FROM script_secrets`,
    );
    const node = await tenantValues(dataSource, { cipher });
    expect(await opens(node, 'acme', 's0')).toBe(true);
    const secrets = await node.vault.forRun('globex', ['s0']);
    await expect(secrets.open()).rejects.toMatchObject({ code: 'secret-unavailable' });
  });

  it('are needed for secrets: without any, SecretService throws an error that says so', async () => {
    const dataSource = await testDataSource();
    await fill(await tenantValues(dataSource, { cipher: cipherOf(NEW) }), 'acme', 1);
    const node = await tenantValues(dataSource, { cipher: null });
    await expect(node.secrets.list('acme')).rejects.toBeInstanceOf(SecretKeyMissingError);
    await expect(node.secrets.create('acme', { name: 'a', value: VALUE })).rejects.toThrow(
      'EVENT_SECRETS_KEY',
    );
    await expect(node.secrets.rotateSecrets()).rejects.toBeInstanceOf(SecretKeyMissingError);
    expect(await node.vault.namesOf('acme')).toBeNull();
    await node.variables.set('acme', 'region', 'eu');
  });
});

/** A cipher like that of a host for a KMS: it takes a while, and works only with its own key. */
class OwnCipher extends SecretCipher {
  readonly keyId: string = 'alias/scripts';
  readonly asked: string[] = [];

  async seal(value: string, { tenantId, name }: SecretReference): Promise<string> {
    await new Promise(setImmediate);
    return Buffer.from(JSON.stringify([tenantId, name, value])).toString('base64');
  }

  async open(sealed: string, { tenantId, name }: SecretReference, keyId: string): Promise<string> {
    await new Promise(setImmediate);
    this.asked.push(keyId);
    const [ofTenant, named, value] = JSON.parse(Buffer.from(sealed, 'base64').toString()) as string[];
    if (ofTenant !== tenantId || named !== name) throw new Error('sealed for another place');
    return value ?? '';
  }
}

describe('a cipher of the host', () => {
  it('seals and opens secrets in place of keys, and gets the place of each secret and the id of its key', async () => {
    const dataSource = await testDataSource();
    const cipher = new OwnCipher();
    const node = await tenantValues(dataSource, { cipher });
    await fill(node, 'acme', 2);
    await node.secrets.create('globex', { name: 's0', value: VALUE });
    expect(await keysOf(dataSource)).toEqual({ 'alias/scripts': 3 });
    expect(await opens(node, 'acme', 's1')).toBe(true);
    expect(cipher.asked).toEqual(['alias/scripts']);
    await dataSource.query(
      `UPDATE script_secrets t SET sealed = s.sealed FROM script_secrets s
        WHERE s.tenant_id = 'acme' AND s.name = 's0' AND t.tenant_id = 'globex'`,
    );
    expect(await opens(await tenantValues(dataSource, { cipher }), 'globex', 's0')).toBe(false);
    // Another key of the same service, with which all secrets are sealed anew.
    const next = Object.assign(new OwnCipher(), { keyId: 'alias/next' });
    const rotating = await tenantValues(dataSource, { cipher: next });
    expect(await rotating.secrets.rotateSecrets()).toEqual({
      sealed: 2,
      failed: [{ tenantId: 'globex', name: 's0', keyId: 'alias/scripts' }],
    });
  });

  it('makes the save fail if its result cannot be stored, with an error that does not contain the value', async () => {
    const dataSource = await testDataSource();
    const wrong: [object, string][] = [
      [{ seal: async () => undefined }, 'seal() must return text'],
      [{ seal: async () => 'a\u0000b' }, 'seal() must return text'],
      [{ keyId: '' }, 'keyId must be text'],
    ];
    for (const [answers, words] of wrong) {
      const cipher = Object.assign(new OwnCipher(), answers);
      const node = await tenantValues(dataSource, { cipher });
      const saved = node.secrets.create('acme', { name: 'a', value: VALUE });
      await expect(saved).rejects.toThrow(words);
      await expect(saved).rejects.not.toThrow(VALUE);
      expect(await node.secrets.list('acme')).toEqual([]);
    }
  });
});

describe('a cipher that cannot seal', () => {
  it('makes the save fail, and the failure is counted', async () => {
    const cipher = cipherOf(NEW)!;
    jest.spyOn(cipher, 'seal').mockRejectedValue(new Error('the key service is away'));
    const node = await tenantValues(await testDataSource(), { cipher });
    await expect(node.secrets.create('acme', { name: 'a', value: VALUE })).rejects.toThrow('away');
    expect(node.metrics.secretMetrics()).toMatchObject({ sealFailed: 1 });
  });
});

describe('SecretService', () => {
  it('records who did what and when, and returns no value', async () => {
    const { secrets } = await tenantValues(await testDataSource());
    const more = {
      description: 'sales',
      hosts: ['API.Example.com', 'bücher.example:8443'],
      bindings: ['mail.send'],
    };
    const created = await secrets.create('acme', { name: 'token', value: VALUE, ...more }, 'ada');
    expect(created).toMatchObject({
      tenantId: 'acme',
      name: 'token',
      version: 1,
      hosts: ['api.example.com', 'xn--bcher-kva.example:8443'],
      createdBy: 'ada',
      valueSetBy: 'ada',
      lastUsedAt: null,
    });
    const changed = await secrets.update('acme', 'token', { hosts: [], description: null }, 'bob');
    expect(changed).toMatchObject({
      version: 1,
      hosts: [],
      bindings: ['mail.send'],
      updatedBy: 'bob',
      valueSetBy: 'ada',
    });
    const rotated = await secrets.rotate('acme', 'token', 'another-value-1', 'eve');
    expect(rotated).toMatchObject({ version: 2, updatedBy: 'eve', valueSetBy: 'eve', createdBy: 'ada' });
    expect(await secrets.list('acme')).toEqual([rotated]);
    expect(await secrets.list('globex')).toEqual([]);
    for (const shown of [created, changed, rotated]) {
      expect(JSON.stringify(shown)).not.toContain('value-1');
      expect(shown).not.toHaveProperty('sealed');
    }
    await expect(secrets.get('globex', 'token')).rejects.toBeInstanceOf(SecretNotFoundError);
    await expect(secrets.delete('globex', 'token')).rejects.toBeInstanceOf(SecretNotFoundError);
    await expect(secrets.create('acme', { name: 'token', value: VALUE })).rejects.toBeInstanceOf(
      DuplicateSecretError,
    );
  });

  it('limits the number of secrets of a tenant, also when they are created at the same time', async () => {
    const limits = { tenantSecrets: 3, tenantVariables: 200, tenantVariableBytes: 10_000 };
    const { secrets } = await tenantValues(await testDataSource(), { limits });
    const made = await Promise.allSettled(
      Array.from({ length: 6 }, (_, n) => secrets.create('acme', { name: `s${n}`, value: VALUE })),
    );
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const refused = made.filter((result) => result.status === 'rejected');
    expect(refused.every(({ reason }) => reason instanceof TooManySecretsError)).toBe(true);
    await secrets.create('globex', { name: 'a', value: VALUE });
  });

  it('refuses invalid input with the name of the field, and repeats no value', async () => {
    const { secrets } = await tenantValues(await testDataSource());
    const good = { name: 'token', value: VALUE };
    const wrong: [string, object][] = [
      ...['', '1a', 'a-b', 'constructor', '__proto__', 'then', 'toJSON', 'get', 'x'.repeat(65), 7].map(
        (name): [string, object] => ['name', { ...good, name }],
      ),
      ...['short7c', 'x'.repeat(8_193), 'aaaaaaaaaa', `nul\u0000${VALUE}`, `half\ud800${VALUE}`, 7, null].map(
        (value): [string, object] => ['value', { ...good, value }],
      ),
      ...['*.example.com', 'https://a.example', 'a.example/x', 'a.example.', 'a b', '', 'a@b.example', 7].map(
        (host): [string, object] => ['hosts[0]', { ...good, hosts: [host] }],
      ),
      ['hosts[1]', { ...good, hosts: ['a.example', 'a.example'] }],
      ['hosts', { ...good, hosts: 'a.example' }],
      ['hosts', { ...good, hosts: Array.from({ length: 21 }, (_, n) => `h${n}.example`) }],
      ['bindings[0]', { ...good, bindings: ['mail send'] }],
      ['description', { ...good, description: 'x'.repeat(2_001) }],
      ['vlaue', { name: 'token', vlaue: VALUE }],
    ];
    for (const [field, given] of wrong) {
      const error: unknown = await secrets
        .create('acme', given as never, 'ada')
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidQueryError);
      expect((error as InvalidQueryError).field).toBe(field);
      expect(String(error)).not.toContain(VALUE);
    }
    await expect(secrets.rotate('acme', 'token', undefined as never)).rejects.toThrow('value must be text');
    expect(await secrets.list('acme')).toEqual([]);
  });
});
