import { type EntityTarget, getMetadataArgsStorage, type ObjectLiteral } from 'typeorm';
import { isoTime } from '../common/sql-types.js';

interface EntityColumn {
  property: string;
  name: string;
  type: string;
  list: boolean;
}

/**
 * An entity's columns for this package's own SQL. They have the names in the decorators, whatever naming strategy,
 * subscribers and parsers the host has.
 */
export class EntityRows<E extends ObjectLiteral> {
  private readonly known: readonly EntityColumn[];

  constructor(private readonly entity: new () => E) {
    this.known = columnsOf(entity);
  }

  /** The select list for {@link read}: all properties, or the given ones. */
  columns(alias: string, properties?: readonly (keyof E)[]): string {
    const chosen = properties && this.known.filter(({ property }) => properties.includes(property));
    return (chosen ?? this.known)
      .map((column) => `${selected(`${alias}.${column.name}`, column)} AS "${column.property}"`)
      .join(', ');
  }

  /** An instance from a row that was selected with {@link columns}. */
  read(row: object): E {
    return Object.assign(new this.entity(), this.valuesOf(row));
  }

  /** The same as a plain object. */
  valuesOf<Part = E>(row: object): Part {
    const values: Record<string, unknown> = { ...row };
    for (const { property, type } of this.known) {
      const value = values[property];
      if (type === 'timestamptz' && typeof value === 'string') values[property] = new Date(value);
    }
    return values as Part;
  }

  /** The given values as columns and parameters, starting with `$first`. Undefined values are left out. */
  assignments(values: Partial<E>, first = 1): { names: string[]; places: string[]; parameters: unknown[] } {
    const given = this.known.filter(({ property }) => values[property] !== undefined);
    return {
      names: given.map(({ name }) => name),
      places: given.map(({ type, list }, at) => `$${first + at}::${type}${list ? '[]' : ''}`),
      parameters: given.map(({ property, type }) => {
        const value: unknown = values[property];
        return type === 'jsonb' && value !== null ? JSON.stringify(value) : value;
      }),
    };
  }
}

/** The names of an entity's columns in the database. */
export const columnNames = (entity: EntityTarget<ObjectLiteral>): string[] =>
  columnsOf(entity).map(({ name }) => name);

/** Casts types whose text depends on settings of the server, see `OWN_TYPES`. */
function selected(column: string, { type, list }: EntityColumn): string {
  if (list) return `to_json(${column})`;
  if (type === 'timestamptz') return isoTime(column);
  return type === 'double precision' ? `${column}::numeric` : column;
}

function columnsOf(entity: EntityTarget<ObjectLiteral>): EntityColumn[] {
  const columns = getMetadataArgsStorage().filterColumns(entity as new () => ObjectLiteral);
  return columns.map(({ propertyName: property, options }) => ({
    property,
    name: options.name ?? property,
    type: String(options.type),
    list: options.array === true,
  }));
}
