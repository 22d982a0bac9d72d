import type { FactoryProvider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { guardConnections } from '../entities/connection-guard.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import { MissingDataSourceError } from './host-modules.errors.js';

/** The host's DataSource that everything of this package is stored in. */
export const HOST_DATA_SOURCE = Symbol('scripts-event:data-source');

/**
 * Finds the DataSource by its name, and guards its connections. Without one it throws {@link MissingDataSourceError},
 * before anything asks Nest for it. Wrong options are told first: a name among them is why none was found.
 */
export const hostDataSource = (name: string | undefined): FactoryProvider<DataSource> => ({
  provide: HOST_DATA_SOURCE,
  inject: [RESOLVED_OPTIONS, { token: getDataSourceToken(name), optional: true }],
  useFactory: (_options: unknown, dataSource?: DataSource) => {
    if (!dataSource) throw new MissingDataSourceError(name);
    guardConnections(dataSource);
    return dataSource;
  },
});
