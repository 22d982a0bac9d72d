import { type Link, linksOf, SQL_STATE } from './database-failure.js';

/** An error with which PostgreSQL answered a statement, with the fields of `pg`. */
interface ServerError extends Link {
  code: string;
  severity: string;
  message: string;
}

/**
 * The message of an error of the database, or of an error around one. PostgreSQL quotes values of a statement in many
 * messages (`invalid input syntax for type json`) and in most details (`Key (email)=(…) already exists`), and they may
 * be values of a tenant. So the text is PostgreSQL's own message only if it is of a class that names objects and
 * settings alone; otherwise it is the name of the condition. SQLSTATE, severity, table, column and constraint follow:
 *
 * - `duplicate key value violates unique constraint "scripts_name" (SQLSTATE 23505, table scripts)`
 * - `invalid_text_representation (SQLSTATE 22P02; PostgreSQL's log has the message, which may quote values)`
 *
 * Undefined if the database has nothing to do with the error.
 */
export function databaseMessageOf(error: Error): string | undefined {
  const links = [...linksOf(error)];
  const server = links.find(isServerError);
  if (!server) return undefined;
  const safe = textOf(server);
  const { message } = error;
  // TypeORM's and others' errors about a statement have its parameters, and some repeat them in their message.
  if (server === (error as Link) || 'query' in error) return safe;
  return server.message === '' ? message : message.replaceAll(server.message, () => safe);
}

/** The stack of an error, whose first line has the message of {@link databaseMessageOf}. */
export function databaseStackOf(error: Error): string | undefined {
  const message = databaseMessageOf(error);
  return message === undefined ? undefined : stackWith(message, error);
}

/**
 * Takes from an error of a statement what may be a value: what {@link databaseMessageOf} leaves out, PostgreSQL's
 * details, and TypeORM's list of parameters. Its class, SQLSTATE and names stay. Every error of this package's own
 * statements passes through here, because the host may log it with all its fields.
 *
 * @returns the same error
 */
export function withoutValues<E>(error: E): E {
  const links = [...linksOf(error)].filter((link): link is Link & Error => link instanceof Error);
  if (!links.some(isServerError)) return error;
  // All texts first: the message of an error around another one is made from that one's.
  const texts = links.map((link) => ({
    link,
    message: databaseMessageOf(link),
    fields: quotingFieldsOf(link),
  }));
  for (const { link, message, fields } of texts) {
    if (message !== undefined) Object.assign(link, { stack: stackWith(message, link), message });
    for (const field of fields) if (field in link) Reflect.deleteProperty(link, field);
    CLEARED.add(link);
  }
  return error;
}

/** Errors whose message {@link withoutValues} has written. */
const CLEARED = new WeakSet<object>();

/** `params` is the same of other libraries of the host. */
const QUOTING_FIELDS = ['detail', 'hint', 'where', 'internalQuery', 'parameters', 'params'];
/** The author of a function chooses these as well. */
const NAMING_FIELDS = ['schema', 'table', 'column', 'dataType', 'constraint'];

const quotingFieldsOf = (link: Link): readonly string[] =>
  isServerError(link) && isRaised(link) ? [...QUOTING_FIELDS, ...NAMING_FIELDS] : QUOTING_FIELDS;

const isServerError = (link: Link): link is ServerError =>
  typeof link.code === 'string' &&
  SQL_STATE.test(link.code) &&
  typeof link.severity === 'string' &&
  typeof link.message === 'string';

function stackWith(message: string, { name, stack }: Error): string {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at ./.test(line));
  return [`${name}: ${message}`, ...frames].join('\n');
}

function textOf(error: ServerError): string {
  const { code, severity, message } = error;
  if (CLEARED.has(error)) return message;
  const isOwnText = isKept(error);
  const facts = [`SQLSTATE ${code}`, ...(severity === 'ERROR' ? [] : [severity])];
  if (!isRaised(error)) facts.push(...namesOf(error, isOwnText ? message : ''));
  if (isOwnText) return `${message} (${facts.join(', ')})`;
  return `${conditionOf(code)} (${facts.join(', ')}; PostgreSQL's log has the message, which may quote values)`;
}

const namesOf = (error: ServerError, message: string): string[] =>
  (['table', 'column', 'constraint'] as const)
    .filter((kind) => typeof error[kind] === 'string' && !message.includes(`"${error[kind] as string}"`))
    .map((kind) => `${kind} ${error[kind] as string}`);

/** Whether PostgreSQL itself wrote the message, and such messages never quote values. */
function isKept(error: ServerError): boolean {
  if (isRaised(error)) return false;
  // Internal errors of the server and of poolers. What an extension reports comes with a context.
  if (error.code.startsWith('XX')) return error.where === undefined;
  return KEPT.test(error.code);
}

/** Whether the author of a function in the database wrote the message, or a statement that it repeats. */
const isRaised = ({ routine, where, internalQuery }: ServerError): boolean =>
  routine === 'exec_stmt_raise' ||
  internalQuery !== undefined ||
  (typeof where === 'string' && /\bPL\/(?!pgSQL)/.test(where));

// 08 connection, 0A features, 21 cardinality, 22001 length, 23 constraints (the values are in the detail), 24, 25 and 2D
// transactions, 26 and 34 statements and cursors, 28 authorization, 3B savepoints, 3D and 3F database and schema, 40
// rollback, 42 names and privileges (our statements have no values in their text), 44 views, 53 resources, 54 limits,
// 55 object state, 57 operator intervention, 58 system.
const KEPT = /^(08|0A|21|22001|23|24|25|26|28|2D|34|3B|3D|3F|40|42|44|53|54|55|57|58)/;

/** PostgreSQL's names (manual, appendix A) of the conditions and classes whose messages are left out. */
const CONDITIONS: Readonly<Record<string, string>> = {
  '22': 'data_exception',
  '22003': 'numeric_value_out_of_range',
  '22007': 'invalid_datetime_format',
  '22008': 'datetime_field_overflow',
  '22021': 'character_not_in_repertoire',
  '22023': 'invalid_parameter_value',
  '22030': 'duplicate_json_object_key_value',
  '22032': 'invalid_json_text',
  '2201B': 'invalid_regular_expression',
  '22P02': 'invalid_text_representation',
  '22P03': 'invalid_binary_representation',
  '22P05': 'untranslatable_character',
  '38': 'external_routine_exception',
  '39': 'external_routine_invocation_exception',
  HV: 'fdw_error',
  P0: 'plpgsql_error',
  P0001: 'raise_exception',
  XX: 'internal_error',
};

const conditionOf = (code: string): string =>
  CONDITIONS[code] ?? CONDITIONS[code.slice(0, 2)] ?? 'error of a function in the database';
