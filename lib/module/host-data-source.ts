import type { FactoryProvider } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { guardConnections } from '../entities/connection-guard.js';
import { MissingDataSourceError } from './host-modules.errors.js';

/** The host's DataSource that everything of this package is stored in. */
export const HOST_DATA_SOURCE = Symbol('scripts-event:data-source');

/** Finds the DataSource by its name, and guards its connections. Without one it throws {@link MissingDataSourceError}, before anything asks Nest for it. */
export const hostDataSource = (name: string | undefined): FactoryProvider<DataSource> => ({
  provide: HOST_DATA_SOURCE,
  inject: [{ token: getDataSourceToken(name), optional: true }],
  useFactory: (dataSource?: DataSource) => {
    if (!dataSource) throw new MissingDataSourceError(name);
    guardConnections(dataSource);
    return dataSource;
  },
});
