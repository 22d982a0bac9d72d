/** What an event type may look like, in words for error messages. */
export const EVENT_TYPE_RULE =
  'a name such as order.shipped: letters, digits, "_" and "-" in parts joined by single dots, beginning with a letter, at most 128 characters';

const NAME = /^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;

/** True for a name an event type may have. No wildcard, so that a type never means more than itself on an emitter. */
export const isEventTypeName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 128 && NAME.test(value);
