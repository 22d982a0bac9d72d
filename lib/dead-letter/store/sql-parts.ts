/** SQL over a row `d` that several statements share. */

/** Maximum length of a history. The oldest entries are removed, except the first one, which says how it began. */
const MAX_HISTORY = 50;

const NOW_ISO = `to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The time this many milliseconds from now. */
export const inMs = (parameter: string): string => `now() + ${parameter}::float8 * interval '1 millisecond'`;

const withHistory = (items: string): string =>
  `(CASE WHEN jsonb_array_length(d.attempts) >= ${MAX_HISTORY} THEN d.attempts - 1 ELSE d.attempts END) || ${items}`;

/** The history with one more item, given as a JSON object without its time, which is now. */
export const withItem = (item: string): string =>
  withHistory(`jsonb_build_array(jsonb_build_object('at', ${NOW_ISO}) || ${item})`);

/** Ends a claim. */
export const UNLOCKED = 'locked_by = NULL, locked_until = NULL, updated_at = now()';

/** The history with the items of a JSON list, each without its time, which is now. */
export const alertHistory = (items: string): string =>
  withHistory(`coalesce((SELECT jsonb_agg(jsonb_build_object('at', ${NOW_ISO}) || i) FROM
    jsonb_array_elements(${items}::jsonb) i), '[]')`);
