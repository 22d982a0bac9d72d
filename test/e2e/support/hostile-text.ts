/**
 * Text that a tenant may write wherever text is accepted: line ends, ESC, C1 and bidi controls, invisible characters, and the
 * markup of chats.
 */
export const HOSTILE =
  'x\n\r\t\u001b[31m\u009b2J\u0085\u202e\u2066\u2028\u2029\u200b\ufeff<!channel> <@U1>&`*_';
/** The same text with characters that no column can store. */
export const UNSTORABLE = `${HOSTILE}\ud800\udbff\u0000`;

const RAW = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Every text within a value, names of fields included. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsIn(member)]);
}

/** The texts of a value that could move a cursor, change the direction of writing, or begin a line of their own. */
export const rawTexts = (value: unknown): string[] => textsIn(value).filter((text) => RAW.test(text));
