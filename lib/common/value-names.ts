const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Names that every object has, names that JSON and promises look up on a value, and methods of `vars`. */
export const OBJECT_NAMES: ReadonlySet<string> = new Set(
  (
    '__proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ constructor hasOwnProperty isPrototypeOf ' +
    'propertyIsEnumerable toLocaleString toString valueOf prototype then toJSON get has'
  ).split(' '),
);

export const VALUE_NAME_RULE =
  'a name of 1 to 64 letters, digits and "_" that doesn\'t begin with a digit, and no name that objects have, such as "constructor"';

/** True for a name that a secret or a variable may have. */
export const isValueName = (value: unknown): value is string =>
  typeof value === 'string' && NAME.test(value) && !OBJECT_NAMES.has(value);
