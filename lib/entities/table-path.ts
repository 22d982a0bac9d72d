import { type DataSource, getMetadataArgsStorage } from 'typeorm';
import { ScriptEntity } from './script.entity.js';

/** The path of an entity's table for raw SQL, quoted, with the host's schema and prefix, as the migrations name it. */
export function tablePath(dataSource: DataSource, entity: new () => object): string {
  const table = getMetadataArgsStorage().tables.find(({ target }) => target === entity);
  return ownTablePath(dataSource, table?.name ?? '');
}

/** The same for a table of this package that has no entity. */
export function ownTablePath(dataSource: DataSource, name: string): string {
  const { entityPrefix } = dataSource.options;
  const { schema } = dataSource.getMetadata(ScriptEntity);
  return quotedPath(
    schema,
    entityPrefix ? dataSource.namingStrategy.prefixTableName(entityPrefix, name) : name,
  );
}

const quotedPath = (...parts: (string | undefined)[]): string =>
  parts
    .filter((part): part is string => Boolean(part))
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
