import { checkWhole } from '../options/query-checks.js';
import { valueInWords } from '../common/printable.js';
import { fieldsProblem, hasOwnFields } from '../options/strict-fields.js';
import { InvalidQueryError } from '../common/invalid-query.error.js';
import { AdminOptionsError } from './admin.errors.js';
import type {
  AdminCsp,
  AdminLinks,
  AdminPlacement,
  AdminSettings,
  ResolvedAdminSettings,
} from './admin.options.js';

const PLACEMENT = ['path', 'imports', 'guards', 'page', 'csp', 'links'];
const LINKS = ['home', 'signIn'];
const SETTINGS = ['access', 'redact', 'maxTestRuns'];
const FACTORY = ['inject', 'useFactory'];

const DEFAULT_PATH = 'scripts-event';
/** No parameter, wildcard or query, because the API's routes are below it. */
const PATH = /^\/?[\w.-]+(\/[\w.-]+)*\/?$/;

const MISSING_ACCESS =
  'is missing: pass a function that says of a request who asks, which tenants they may see and what they may do; ' +
  'without it nothing is answered';

/** @throws AdminOptionsError */
export function checkForRoot(options: unknown): void {
  checkNames(options, [...PLACEMENT, ...SETTINGS]);
  readSettings(settingsOf(options as AdminSettings));
}

/** @throws AdminOptionsError */
export function checkForRootAsync(options: unknown): void {
  checkNames(options, [...PLACEMENT, ...FACTORY]);
  const { useFactory } = options as { useFactory?: unknown };
  if (typeof useFactory !== 'function')
    throw new AdminOptionsError('useFactory', 'must be a function that returns { access }');
}

/** Where the module is mounted. @throws AdminOptionsError */
export function readPlacement({
  path = DEFAULT_PATH,
  imports = [],
  guards = [],
  page = true,
  csp = {},
  links = {},
}: AdminPlacement): Required<AdminPlacement> {
  if (typeof path !== 'string' || !PATH.test(path))
    throw new AdminOptionsError('path', 'must be a plain path, such as "admin/scripts"');
  if (!Array.isArray(imports)) throw new AdminOptionsError('imports', 'must be a list of modules');
  if (!Array.isArray(guards) || guards.some((guard) => !isGuard(guard)))
    throw new AdminOptionsError('guards', 'must be a list of guards: classes, or objects with canActivate');
  if (typeof page !== 'boolean') throw new AdminOptionsError('page', 'must be true or false');
  checkCsp(csp);
  checkLinks(links);
  return { path: path.replace(/^\/|\/$/g, ''), imports, guards, page, csp, links };
}

/** The settings from `forRoot` or the factory, with defaults. @throws AdminOptionsError */
export function readSettings(given: unknown): ResolvedAdminSettings {
  checkNames(given, SETTINGS);
  const { access, redact = unchanged, maxTestRuns = 2 } = given as Partial<AdminSettings>;
  if (access === undefined) throw new AdminOptionsError('access', MISSING_ACCESS);
  if (typeof access !== 'function') throw new AdminOptionsError('access', 'must be a function');
  if (typeof redact !== 'function') throw new AdminOptionsError('redact', 'must be a function');
  try {
    checkWhole('maxTestRuns', maxTestRuns, 1, 100);
  } catch (error) {
    if (!(error instanceof InvalidQueryError)) throw error;
    throw new AdminOptionsError('maxTestRuns', 'must be a whole number from 1 to 100');
  }
  return { access, redact, maxTestRuns };
}

const unchanged: ResolvedAdminSettings['redact'] = (_tenantId, _kind, value) => value;

/** Picks the settings from the options of `forRoot`. */
export const settingsOf = ({ access, redact, maxTestRuns }: AdminSettings): AdminSettings => ({
  access,
  ...(redact === undefined ? {} : { redact }),
  ...(maxTestRuns === undefined ? {} : { maxTestRuns }),
});

function checkNames(given: unknown, known: readonly string[], option = 'options'): void {
  const problem = fieldsProblem(`the ${option}`, given, known);
  if (problem) throw new AdminOptionsError(option, `are wrong: ${problem.message}`);
}

/** A name, and a value that can end neither its directive nor the header. */
const DIRECTIVE = /^[a-z][a-z-]{1,40}$/;
const DIRECTIVE_VALUE = /^[ -~]{0,2000}$/;

function checkCsp(csp: AdminCsp): void {
  if (!hasOwnFields(csp)) throw new AdminOptionsError('csp', 'must be an object of directives');
  for (const [name, value] of Object.entries(csp)) {
    if (!DIRECTIVE.test(name))
      throw new AdminOptionsError('csp', `has no directive of the name ${valueInWords(name)}`);
    if (typeof value !== 'string' || !DIRECTIVE_VALUE.test(value) || /[;,]/.test(value))
      throw new AdminOptionsError(`csp.${name}`, 'must be the text of one directive, without ";" and ","');
  }
}

function checkLinks(links: AdminLinks): void {
  checkNames(links, LINKS, 'links');
  for (const [name, address] of Object.entries(links))
    if (address !== undefined && !isAddress(address))
      throw new AdminOptionsError(`links.${name}`, 'must be a path such as "/account", or an https: address');
}

/** Not `javascript:`, and not `//host`, which looks like a path. */
const isAddress = (address: unknown): boolean =>
  typeof address === 'string' && (/^\/(?![/\\])[!-~]*$/.test(address) || /^https?:\/\/[!-~]+$/.test(address));

const isGuard = (guard: unknown): boolean =>
  typeof guard === 'function' ||
  (typeof guard === 'object' &&
    guard !== null &&
    typeof (guard as { canActivate?: unknown }).canActivate === 'function');
