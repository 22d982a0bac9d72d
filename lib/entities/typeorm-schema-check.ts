import type { DataSource } from 'typeorm';
import { ALL, checkRights } from './database-rights.js';
import { columnNames } from './entity-rows.js';
import { SCRIPTS_EVENT_ENTITIES, ScriptEntity, ScriptVersionEntity } from './index.js';
import {
  MigrationsMissingError,
  MissingEntitiesError,
  UnsupportedDatabaseError,
} from './schema-check.errors.js';
import { PrimaryDatabase } from './primary-database.js';
import { ownTablePath, tablePath } from './table-path.js';

/** Triggers that the package relies on, by the table they belong to. */
const TRIGGERS = [
  {
    entity: ScriptEntity,
    names: [
      'scripts_mark_change',
      'scripts_notify_change',
      'scripts_schedules_made',
      'scripts_schedules_changed',
    ],
  },
  { entity: ScriptVersionEntity, names: ['script_versions_refuse_update'] },
];

const CATALOG_SQL = `
  SELECT t.path, to_regclass(t.path) IS NOT NULL AS "exists",
    to_json(ARRAY(SELECT attname::text FROM pg_attribute
      WHERE attrelid = to_regclass(t.path) AND attnum > 0 AND NOT attisdropped)) AS columns,
    to_json(ARRAY(SELECT tgname::text FROM pg_trigger
      WHERE tgrelid = to_regclass(t.path) AND NOT tgisinternal)) AS triggers
  FROM unnest($1::text[]) AS t (path)`;

interface FoundTable {
  path: string;
  exists: boolean;
  columns: string[];
  triggers: string[];
}

/**
 * Checks at boot whether the host's DataSource and database are ready for this package, so that a problem shows before
 * the first event. Takes one query of the catalog.
 */
export class SchemaCheck {
  private readonly primary: PrimaryDatabase;
  private readonly moreTables: string[] = [];

  /** @param moreTables as for {@link needs} */
  constructor(
    private readonly dataSource: DataSource,
    moreTables: readonly string[] = [],
  ) {
    this.primary = new PrimaryDatabase(dataSource);
    this.needs(moreTables);
  }

  /** @param tables names of tables without an entity, and of sequences, that must exist too */
  needs(tables: readonly string[]): void {
    this.moreTables.push(...tables);
  }

  /** @throws {UnsupportedDatabaseError} @throws {MissingEntitiesError} @throws {MigrationsMissingError} */
  async run(): Promise<void> {
    this.checkDataSource();
    const missing = [...(await this.missing()), ...(await this.missingTables())];
    if (missing.length > 0) throw new MigrationsMissingError(missing);
  }

  /** Checks whether the database user has the rights that this package needs. @throws {MissingRightsError} */
  async checkRights(): Promise<void> {
    this.checkDataSource();
    const more = this.moreTables.map((name) => ownTablePath(this.dataSource, name));
    const tables = [...SCRIPTS_EVENT_ENTITIES.map((entity) => tablePath(this.dataSource, entity)), ...more];
    const { schema } = this.dataSource.getMetadata(ScriptEntity);
    await checkRights(this.primary, {
      schemas: schema === undefined ? [] : [schema],
      tables: Object.fromEntries(tables.filter((path) => !isSequence(path)).map((path) => [path, ALL])),
      sequences: [ownTablePath(this.dataSource, 'scripts_revision_seq'), ...more.filter(isSequence)],
    });
  }

  /** The part of the check that needs no query. @throws {UnsupportedDatabaseError} @throws {MissingEntitiesError} */
  checkDataSource(): void {
    const { type } = this.dataSource.options;
    if (type !== 'postgres') throw new UnsupportedDatabaseError(type);
    const unknown = SCRIPTS_EVENT_ENTITIES.filter((entity) => !this.dataSource.hasMetadata(entity));
    if (unknown.length > 0) throw new MissingEntitiesError(unknown.map((entity) => entity.name));
  }

  private async missing(): Promise<string[]> {
    const paths = SCRIPTS_EVENT_ENTITIES.map((entity) => tablePath(this.dataSource, entity));
    const rows = await this.primary.query<FoundTable>(CATALOG_SQL, [paths]);
    const found = new Map(rows.map((row) => [row.path, row]));
    return SCRIPTS_EVENT_ENTITIES.flatMap((entity, at) => {
      const path = paths[at] ?? '';
      const table = found.get(path);
      if (!table?.exists) return [`table ${readable(path)}`];
      const columns = columnNames(entity).filter((name) => !table.columns.includes(name));
      const triggers = TRIGGERS.filter((known) => known.entity === entity).flatMap(({ names }) => names);
      return [
        ...columns.map((name) => `column ${readable(path)}.${name}`),
        ...this.missingTriggers(triggers, table),
      ];
    });
  }

  private async missingTables(): Promise<string[]> {
    if (this.moreTables.length === 0) return [];
    const paths = this.moreTables.map((name) => ownTablePath(this.dataSource, name));
    const rows = await this.primary.query<{ path: string }>(
      'SELECT path FROM unnest($1::text[]) AS t (path) WHERE to_regclass(path) IS NULL',
      [paths],
    );
    return rows.map(({ path }) => `${kindOf(path)} ${readable(path)}`);
  }

  private missingTriggers(names: string[], table: FoundTable): string[] {
    const { options, namingStrategy } = this.dataSource;
    const prefix = options.entityPrefix;
    return names
      .map((name) => (prefix ? namingStrategy.prefixTableName(prefix, name) : name))
      .filter((name) => !table.triggers.includes(name))
      .map((name) => `trigger ${name} of ${readable(table.path)}`);
  }
}

const isSequence = (path: string): boolean => path.endsWith('_seq"');
const kindOf = (path: string): string => (isSequence(path) ? 'sequence' : 'table');

const readable = (path: string): string => path.replaceAll('"', '');
