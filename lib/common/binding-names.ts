/** One name or dotted names, each an identifier: `crm.findClient`. */
const NAME = /^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*){0,3}$/;

/** True if the value has the form of a binding name. */
export const isBindingName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 128 && NAME.test(value);

/** First parts of names that mean something else in a script, and reserved words of the language. */
const TAKEN = new Set(
  (
    'ctx sdk events console secrets vars store NonRetryableError RetryAfterError BindingError LimitError EventTypeError EventPayloadError UnknownNameError ' +
    'globalThis undefined NaN Infinity arguments eval ' +
    'Object Function Array String Number Boolean Symbol BigInt Math Date JSON Promise Proxy Reflect RegExp Error Intl Map Set ' +
    'WeakMap WeakSet await break case catch class const continue debugger default delete do else enum export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public ' +
    'return static super switch this throw true try typeof var void while with yield async'
  ).split(' '),
);
const REFUSED_PARTS = new Set(['__proto__', 'constructor', 'prototype', 'then']);

/**
 * Why scripts could not call bindings with these names, or null if they could. Refuses a name that is not an
 * identifier, that the language or the sandbox uses, that occurs twice, or that is also the first part of another.
 */
export function bindingNamesProblem(names: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const name of names) {
    if (!isBindingName(name)) return `binding "${name}" is not a dotted name such as crm.findClient`;
    const parts = name.split('.');
    if (TAKEN.has(parts[0]!)) return `binding "${name}" starts with the reserved name ${parts[0]}`;
    const refused = parts.find((part) => REFUSED_PARTS.has(part));
    if (refused !== undefined) return `binding "${name}" contains ${refused}, a special name in JavaScript`;
    if (seen.has(name)) return `binding "${name}" is declared twice`;
    seen.add(name);
  }
  for (const name of names) {
    for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
      const prefix = name.slice(0, end);
      if (seen.has(prefix)) return `binding "${prefix}" is also the first part of binding "${name}"`;
    }
  }
  return null;
}
