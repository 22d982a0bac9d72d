import type { QueryRunner } from 'typeorm';

/**
 * Names of database objects under the host's `schema` and `entityPrefix`, quoted. TypeORM gives entities the same
 * schema and prefix, so entities and migrations name the same tables.
 */
export class Names {
  private constructor(
    readonly schema: string,
    private readonly prefixed: (name: string) => string,
  ) {}

  /** Without the option `schema`, the tables go into the connection's current schema (`search_path`). */
  static async of(queryRunner: QueryRunner): Promise<Names> {
    const { options, namingStrategy } = queryRunner.connection;
    const configured = 'schema' in options && typeof options.schema === 'string' ? options.schema : undefined;
    const rows: { schema: string | null }[] = await queryRunner.query('SELECT current_schema() AS schema');
    const schema = configured ?? rows[0]?.schema;
    if (!schema)
      throw new Error(
        'No schema for the tables of scripts-event: set "schema" on the DataSource or a search_path.',
      );
    const prefix = options.entityPrefix;
    return new Names(schema, (name) => (prefix ? namingStrategy.prefixTableName(prefix, name) : name));
  }

  /** A table, sequence or function, with its schema. */
  path(name: string): string {
    return `${quoted(this.schema)}.${this.own(name)}`;
  }

  /** An index, constraint or trigger, which lives in the schema of its table. */
  own(name: string): string {
    return quoted(this.prefixed(name));
  }

  /** The name without schema and quotes, to use as a value. */
  plain(name: string): string {
    return this.prefixed(name);
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
