import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';

/** An entity's table for raw SQL: with the host's schema and prefix, quoted. */
export function tablePath(dataSource: DataSource, entity: EntityTarget<ObjectLiteral>): string {
  const { schema, tableName } = dataSource.getMetadata(entity);
  return [schema, tableName]
    .filter((part): part is string => Boolean(part))
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}
