import { isStorableText } from './json.js';

/** The longest id of a tenant, an event or an actor, in characters. Longer ones are not shown whole. */
export const MAX_ID = 200;

/**
 * Whether a value can be the id of a tenant, an event or an actor: text of 1 to {@link MAX_ID} characters that is not
 * blank and that PostgreSQL stores unchanged.
 */
export const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_ID && !isBlank(value) && isStorableText(value);

/** Whether text is empty or only white space, so that nobody could see it. */
export const isBlank = (text: string): boolean => text.trim() === '';
