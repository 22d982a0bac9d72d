import type { RunError } from '../../sandbox/index.js';

const CALL =
  'scripts have no network access: call a binding such as http.fetch, or publish an event and let the application make the call';
const MODULE =
  "scripts can't load modules: a script is a function body with ctx, sdk, events and bindings in scope";
const TIMER = 'scripts have no timers: throw new RetryAfterError(ms) to run again later';
const HOST = 'it is part of Node.js and browsers, not of JavaScript';

/** Names that authors expect but scripts don't have, each with what to use instead. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ...['fetch', 'XMLHttpRequest', 'axios', 'WebSocket'].map((name) => [name, CALL] as const),
  ...['require', 'module', 'exports'].map((name) => [name, MODULE] as const),
  ...['setTimeout', 'setInterval', 'setImmediate'].map((name) => [name, TIMER] as const),
  ...['process', 'Buffer', 'URL', 'TextEncoder', 'TextDecoder', 'crypto', 'structuredClone'].map(
    (name) => [name, HOST] as const,
  ),
  ...['input', 'payload', 'event'].map((name) => [name, "the event's payload is ctx.input"] as const),
]);

/** How compilers report `import` and `export`. */
const MODULE_SYNTAX =
  /^(Cannot use (import statement|'import\.meta') outside|Unexpected token 'export'|'import', and 'export')/;
/** How V8 reports `import()`, and nothing else. */
const NO_IMPORT = 'Not supported';

const BINDING = 'if it is a binding of your application, provide a stub with --bindings';

const SECRET = 'name it in the file of --secrets, with a made-up value';
const VARIABLE = 'name it in the file of --vars';

/** What to use instead of a name that is not in scope; `undefined` for other errors and for misspelt names. */
export function hintFor(
  { kind, name, message }: Pick<RunError, 'kind' | 'name' | 'message'>,
  source: string,
): string | undefined {
  if (kind === 'syntax' && MODULE_SYNTAX.test(message)) return MODULE;
  if (message === NO_IMPORT && /\bimport\s*\(/.test(source)) return MODULE;
  if (name === 'UnknownNameError') return message.includes('secret') ? SECRET : VARIABLE;
  const [, missing] = (name === 'ReferenceError' && /^(\w+) is not defined$/.exec(message)) || [];
  if (missing === undefined) return undefined;
  const called = new RegExp(`\\b${missing}(\\.\\w+)*\\(`).test(source);
  return INSTEAD.get(missing) ?? (called ? BINDING : undefined);
}
