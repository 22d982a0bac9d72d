import type { Provider, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { RunValues } from '../../execution/run-values.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { NodeMessages } from '../../nodes/node-messages.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { readSecretKeys } from '../../options/secret-keys.js';
import { SecretNames } from '../../scripts/secret-names.js';
import { VariableNames } from '../../scripts/variable-names.js';
import { AesSecretCipher } from '../../secrets/aes.secret-cipher.js';
import type { SecretCipher } from '../../secrets/secret.cipher.js';
import { SecretRepository } from '../../secrets/secret.repository.js';
import { SecretService } from '../../secrets/secret.service.js';
import { SecretVault } from '../../secrets/secret-vault.js';
import { TypeOrmSecretRepository } from '../../secrets/typeorm-secret.repository.js';
import { ScriptStoreService } from '../../store/script-store.service.js';
import { TypeOrmVariableRepository } from '../../variables/typeorm-variable.repository.js';
import { VariableRepository } from '../../variables/variable.repository.js';
import { VariableService } from '../../variables/variable.service.js';
import { VariableStore } from '../../variables/variable-store.js';
import { HOST_DATA_SOURCE } from '../host-data-source.js';
import { HOST_MODULE_REF } from '../host-modules.js';
import { findProvider } from './find-provider.js';
import { make } from './make.js';

/** Secrets, variables and stores of tenants. */
export const tenantValueProviders = (): Provider[] => [
  make(
    SecretRepository,
    [HOST_DATA_SOURCE, RESOLVED_OPTIONS],
    (source: DataSource, { limits }: ResolvedOptions) =>
      new TypeOrmSecretRepository(source, limits.tenantSecrets),
  ),
  make(
    SecretVault,
    [SecretRepository, NodeMessages, Clock, MetricsRecorder, RESOLVED_OPTIONS, HOST_MODULE_REF],
    (
      repository: SecretRepository,
      messages: NodeMessages,
      clock: Clock,
      metrics: MetricsRecorder,
      options: ResolvedOptions,
      modules: ModuleRef,
    ) =>
      new SecretVault(repository, () => cipherOf(options, modules), messages, clock, metrics, options.index),
  ),
  SecretService,
  { provide: SecretNames, useExisting: SecretVault },
  make(
    VariableRepository,
    [HOST_DATA_SOURCE, RESOLVED_OPTIONS],
    (source: DataSource, { limits }: ResolvedOptions) => new TypeOrmVariableRepository(source, limits),
  ),
  make(
    VariableStore,
    [VariableRepository, NodeMessages, RESOLVED_OPTIONS],
    (repository: VariableRepository, messages: NodeMessages, { index }: ResolvedOptions) =>
      new VariableStore(repository, messages, index.pollIntervalMs),
  ),
  { provide: VariableNames, useExisting: VariableStore },
  VariableService,
  ScriptStoreService,
  make(
    RunValues,
    [SecretVault, VariableStore],
    (secrets: SecretVault, variables: VariableStore) => new RunValues(secrets, variables),
  ),
];

/**
 * The host's cipher, or this package's with the keys of the options; undefined without either.
 *
 * @throws MissingProviderError
 */
function cipherOf({ secrets }: ResolvedOptions, modules: ModuleRef): SecretCipher | undefined {
  const { cipher } = secrets;
  if (typeof cipher === 'function')
    return findProvider(modules, cipher as Type<SecretCipher>, 'secrets.cipher');
  if (cipher !== undefined) return cipher as SecretCipher;
  const [first, ...others] = readSecretKeys(secrets.keys);
  return first && new AesSecretCipher([first, ...others]);
}
