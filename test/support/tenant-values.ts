import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../../lib/common/clock.js';
import { InMemoryMetricsRecorder } from '../../lib/metrics/in-memory.metrics.js';
import { NodeMessages } from '../../lib/nodes/node-messages.js';
import { TypeOrmNodeChannel } from '../../lib/nodes/typeorm-node-channel.js';
import { readSecretKeys } from '../../lib/options/secret-keys.js';
import { AesSecretCipher } from '../../lib/secrets/aes.secret-cipher.js';
import type { SecretCipher } from '../../lib/secrets/secret.cipher.js';
import { SecretService } from '../../lib/secrets/secret.service.js';
import { SecretVault } from '../../lib/secrets/secret-vault.js';
import { TypeOrmSecretRepository } from '../../lib/secrets/typeorm-secret.repository.js';
import { TypeOrmVariableRepository } from '../../lib/variables/typeorm-variable.repository.js';
import { VariableService } from '../../lib/variables/variable.service.js';
import { VariableStore } from '../../lib/variables/variable-store.js';

/** A key in the form of the option `secrets.keys`. */
export const newKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;

export function cipherOf(...keys: string[]): SecretCipher | undefined {
  const [first, ...others] = readSecretKeys(keys);
  return first && new AesSecretCipher([first, ...others]);
}

/** The services of one node for secrets and variables, as the module wires them. */
export interface TenantValues {
  secrets: SecretService;
  vault: SecretVault;
  variables: VariableService;
  store: VariableStore;
  messages: NodeMessages;
  metrics: InMemoryMetricsRecorder;
}

const open: (() => Promise<unknown>)[] = [];

/**
 * Starts a node on a database; it stops after the test.
 *
 * @param listen whether it hears of changes immediately
 * @param pollIntervalMs so long by default that it polls only when a test asks for it
 */
export async function tenantValues(
  dataSource: DataSource,
  {
    cipher = cipherOf(newKey('2026')),
    listen = false,
    pollIntervalMs = 3_600_000,
    limits = { tenantSecrets: 100, tenantVariables: 200, tenantVariableBytes: 131_072 },
  }: {
    /** Null: none. */
    cipher?: SecretCipher | undefined | null;
    listen?: boolean;
    pollIntervalMs?: number;
    limits?: { tenantSecrets: number; tenantVariables: number; tenantVariableBytes: number };
  } = {},
): Promise<TenantValues> {
  const channel = new TypeOrmNodeChannel(dataSource);
  const messages = new NodeMessages(channel);
  const secretRows = new TypeOrmSecretRepository(dataSource, limits.tenantSecrets);
  const clock = new SystemClock();
  const metrics = new InMemoryMetricsRecorder();
  const vault = new SecretVault(secretRows, () => cipher ?? undefined, messages, clock, metrics, {
    pollIntervalMs,
  });
  const variableRows = new TypeOrmVariableRepository(dataSource, limits);
  const store = new VariableStore(variableRows, messages, pollIntervalMs);
  if (listen) {
    await new Promise<void>((resolve) => {
      open.push(channel.open({ heard: () => undefined, connected: resolve, disconnected: () => undefined }));
    });
  }
  open.push(
    () => vault.stop(1_000),
    () => store.stop(1_000),
  );
  await vault.start();
  await store.start();
  return {
    secrets: new SecretService(secretRows, vault),
    vault,
    variables: new VariableService(variableRows, store),
    store,
    messages,
    metrics,
  };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});
