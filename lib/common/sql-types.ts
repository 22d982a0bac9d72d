/**
 * The parsers that `pg` uses for the columns of a result. Given with a query, they take precedence over the host's and
 * the global ones.
 */
export interface SqlTypes {
  getTypeParser(oid: number, format?: string): (text: string) => unknown;
}

const asIs = (text: string): string => text;
const asNumber = (text: string): number => Number(text);
const asJson = (text: string): unknown => JSON.parse(text) as unknown;

/** Object identifiers of `pg_type`, which are the same in every PostgreSQL. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't', // bool
  19: asIs, // name
  20: asIs, // int8: a number would lose digits
  21: asNumber, // int2
  23: asNumber, // int4
  25: asIs, // text
  114: asJson, // json
  1043: asIs, // varchar
  1700: asNumber, // numeric
  2278: () => null, // void
  2950: asIs, // uuid
  3802: asJson, // jsonb
};

/**
 * How the results of our statements are read, whatever parsers the host has set in `pg.types` or in its pool, and
 * however its database writes dates and numbers.
 *
 * Types whose text depends on a setting of the server are refused, so that no statement can forget to convert them:
 * write a time as {@link isoTime}, cast a `double precision` to `numeric`, and a list with `to_json`.
 */
export const OWN_TYPES: SqlTypes = {
  getTypeParser(oid) {
    const parser = PARSERS[oid];
    if (parser) return parser;
    throw new TypeError(`a statement returns the type ${oid}, whose text depends on settings; cast it`);
  },
};

/**
 * Parsers for our connections on which others run statements, too: the same for our types, and the server's text for
 * all others.
 */
export const OWN_TYPES_OR_TEXT: SqlTypes = {
  getTypeParser: (oid) => PARSERS[oid] ?? asIs,
};

/** SQL expression: a `timestamptz` as ISO 8601 in UTC, whatever `DateStyle` and `TimeZone` are. */
export const isoTime = (expression: string): string =>
  `to_char((${expression}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
