import { ERROR_NAMES } from './prelude/errors.js';

/** The file name of the author's source in stacks. */
export const SCRIPT_FILE = 'script.js';

/** What a script has in scope in addition to the language and its bindings. */
const SCOPE = ['ctx', 'sdk', 'events', 'console', 'secrets', 'vars', 'store', ...ERROR_NAMES];

/** First parts of dotted bindings: `crm.findClient` and `crm.notes.add` need one name, `crm`. */
const rootsOf = (bindings: readonly string[]): string[] => [
  ...new Set(bindings.map((name) => name.split('.', 1)[0]!)),
];

/** Names in scope, in the order in which the prelude passes them. */
const scopeOf = (bindings: readonly string[]): string[] => [...SCOPE, ...rootsOf(bindings)];

/**
 * The program of a script: a function of the names in scope that returns the author's async function. The inner
 * function lets an author redeclare a name such as `events`. The body starts on the second line, and is compiled as
 * line 1.
 */
export function wrapSource(source: string, bindings: readonly string[]): string {
  return `(function (${scopeOf(bindings).join(', ')}) { return async function () {\n${bodyOf(source)}\n}; })`;
}

/**
 * The source without a byte order mark. A hashbang becomes a comment of the same length, because it is legal only at
 * the very start of a program, and the body is not there.
 */
export const bodyOf = (source: string): string => source.replace(/^\uFEFF/, '').replace(/^#!/, '//');
