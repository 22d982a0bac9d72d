import type { FactoryProvider } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { guardConnections } from '../entities/connection-guard.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import { isAnotherCopyProvided } from './another-copy.js';
import { BinaryAnswersError, MissingDataSourceError, SecondCopyError } from './host-modules.errors.js';
import { OPTIONAL_MODULES } from './host-modules.js';

/** Injection token of the host's DataSource, in which this package stores everything. */
export const HOST_DATA_SOURCE = Symbol('scripts-event:data-source');

/**
 * Finds the DataSource by its name and guards its connections. Throws {@link MissingDataSourceError} or {@link
 * SecondCopyError} if there is none, before Nest would fail with an error of its own, and {@link BinaryAnswersError}
 * for one that asks `pg` for binary results. Invalid options are reported first: a wrong name among them may be the
 * reason.
 */
export const hostDataSource = (name: string | undefined): FactoryProvider<DataSource> => ({
  provide: HOST_DATA_SOURCE,
  inject: [RESOLVED_OPTIONS, { token: getDataSourceToken(name), optional: true }, OPTIONAL_MODULES],
  useFactory: (_options: unknown, dataSource?: DataSource, modules?: ModulesContainer) => {
    if (!modules) throw new SecondCopyError('@nestjs/core');
    if (!dataSource && name === undefined && isAnotherCopyProvided(modules, DataSource)) {
      throw new SecondCopyError('typeorm');
    }
    if (!dataSource) throw new MissingDataSourceError(name);
    refuseBinaryAnswers(dataSource);
    guardConnections(dataSource);
    return dataSource;
  },
});

function refuseBinaryAnswers({ driver, options }: DataSource): void {
  // With `replication`, `extra` applies to every pool too.
  const { extra } = options as { extra?: { binary?: unknown } };
  if (extra?.binary) throw new BinaryAnswersError('"binary" in the "extra" of your DataSource');
  const { postgres } = driver as { postgres?: { defaults?: { binary?: unknown } } };
  if (postgres?.defaults?.binary)
    throw new BinaryAnswersError('"binary" in the defaults of pg (pg.defaults.binary)');
}
