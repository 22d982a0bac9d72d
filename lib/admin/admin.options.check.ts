import { valueInWords } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';
import { fieldsProblem, hasOwnFields } from '../options/strict-fields.js';
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
/** The parts `.` and `..`, which browsers resolve. */
const DOTS = /(^|\/)\.{1,2}(\/|$)/;

const SESSION = '{ actor, tenants, permissions }, or null for nobody';
const MOST_TEST_RUNS = 100;

const MISSING_ACCESS =
  'is missing: pass a function that returns for a request who sends it, which tenants they may see and what they may do; ' +
  'without it, every request is refused';

/** @throws AdminOptionsError */
export function checkForRoot(options: unknown = {}): void {
  elsewhere(options, FACTORY, 'belongs to forRootAsync: call that, or pass access itself');
  checkNames(options, [...PLACEMENT, ...SETTINGS]);
  readSettings(settingsOf(options as AdminSettings));
}

/** @throws AdminOptionsError */
export function checkForRootAsync(options: unknown = {}): void {
  elsewhere(options, SETTINGS, 'is part of what useFactory returns, not an option beside it');
  checkNames(options, [...PLACEMENT, ...FACTORY]);
  const { useFactory, inject = [] } = options as { useFactory?: unknown; inject?: unknown };
  if (typeof useFactory !== 'function')
    throw wrong('useFactory', 'a function that returns { access }', useFactory);
  if (!Array.isArray(inject)) throw wrong('inject', 'a list of providers', inject);
}

/** Refuses an option that belongs somewhere else. */
function elsewhere(options: unknown, names: readonly string[], problem: string): void {
  const given = hasOwnFields(options) ? names.find((name) => Object.hasOwn(options, name)) : undefined;
  if (given !== undefined) throw new AdminOptionsError(given, problem);
}

const wrong = (option: string, expected: string, given: unknown): AdminOptionsError =>
  new AdminOptionsError(
    option,
    `must be ${expected}, not ${isClass(given) ? 'a class' : valueInWords(given)}`,
  );

/** Where the module is mounted. @throws AdminOptionsError */
export function readPlacement(placement: AdminPlacement): Required<AdminPlacement> {
  const { path = DEFAULT_PATH, imports = [], guards = [], page = true, csp = {}, links = {} } = placement;
  if (typeof path !== 'string' || !PATH.test(path) || DOTS.test(path))
    throw wrong('path', 'a plain path such as "admin/scripts"', path);
  if (!Array.isArray(imports)) throw wrong('imports', 'a list of modules', imports);
  checkGuards(guards);
  if (typeof page !== 'boolean') throw wrong('page', 'true or false', page);
  checkCsp(csp);
  checkLinks(links);
  const ofPage = PAGE_ONLY.find((name) => placement[name] !== undefined);
  if (!page && ofPage !== undefined)
    throw new AdminOptionsError(ofPage, 'has no effect with page: false: leave one of the two out');
  return { path: path.replace(/^\/|\/$/g, ''), imports, guards, page, csp, links };
}

/** The settings from `forRoot` or the factory, with defaults. @throws AdminOptionsError */
export function readSettings(given: unknown): ResolvedAdminSettings {
  checkNames(given, SETTINGS);
  const { access, redact = unchanged, maxTestRuns = 2 } = given as Partial<AdminSettings>;
  if (access === undefined) throw new AdminOptionsError('access', MISSING_ACCESS);
  if (typeof access !== 'function' || isClass(access))
    throw wrong('access', `a function that gets the request and returns ${SESSION}`, access);
  if (typeof redact !== 'function' || isClass(redact))
    throw wrong('redact', 'a function that gets (tenantId, kind, value) and returns what is shown', redact);
  if (!Number.isInteger(maxTestRuns) || maxTestRuns < 1 || maxTestRuns > MOST_TEST_RUNS)
    throw wrong('maxTestRuns', `a whole number from 1 to ${MOST_TEST_RUNS}`, maxTestRuns);
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

/** The directives of browsers. They ignore a misspelt name, and the default would stay. */
const DIRECTIVES: readonly string[] = (
  'default-src script-src script-src-elem script-src-attr style-src style-src-elem ' +
  'style-src-attr img-src font-src connect-src media-src object-src child-src frame-src ' +
  'worker-src manifest-src fenced-frame-src base-uri form-action frame-ancestors sandbox ' +
  'report-uri report-to upgrade-insecure-requests require-trusted-types-for trusted-types'
).split(' ');
/** Printable ASCII, which can't end the header. */
const DIRECTIVE_VALUE = /^[ -~]{0,2000}$/;

function checkCsp(csp: AdminCsp): void {
  if (!hasOwnFields(csp)) throw wrong('csp', `an object such as { 'frame-ancestors': "'self'" }`, csp);
  for (const [name, value] of Object.entries(csp)) {
    if (!DIRECTIVES.includes(name)) {
      const near = suggestName(name, DIRECTIVES);
      const meant = near === undefined ? '' : ` (did you mean "${near}"?)`;
      throw new AdminOptionsError('csp', `has ${valueInWords(name)}, which is no directive${meant}`);
    }
    if (typeof value !== 'string' || !DIRECTIVE_VALUE.test(value) || /[;,]/.test(value))
      throw wrong(`csp.${name}`, 'the text of one directive, without ";" and ","', value);
  }
}

function checkLinks(links: AdminLinks): void {
  checkNames(links, LINKS, 'links');
  for (const [name, address] of Object.entries(links))
    if (address !== undefined && !isAddress(address))
      throw wrong(`links.${name}`, 'a path such as "/account", or an http: or https: address', address);
}

/** Excludes `javascript:`, and `//host`, which looks like a path. */
const isAddress = (address: unknown): boolean =>
  typeof address === 'string' && (/^\/(?![/\\])[!-~]*$/.test(address) || /^https?:\/\/[!-~]+$/.test(address));

/** Options that have no effect without the page. */
const PAGE_ONLY = ['csp', 'links'] as const;

function checkGuards(guards: unknown): void {
  if (!Array.isArray(guards)) throw wrong('guards', 'a list of guards', guards);
  for (const [at, guard] of guards.entries()) {
    if (isGuard(guard)) continue;
    const call = typeof guard === 'function' ? '; call a function that makes one, such as AuthGuard()' : '';
    throw wrong(`guards[${at}]`, `a class, or an object with canActivate${call}`, guard);
  }
}

const isClass = (value: unknown): boolean =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

/** Nest makes an instance of a guard's class, so a function that can't be called with `new` is not a guard. */
const isGuard = (guard: unknown): boolean =>
  (typeof guard === 'function' && 'prototype' in guard) ||
  (typeof guard === 'object' &&
    guard !== null &&
    typeof (guard as { canActivate?: unknown }).canActivate === 'function');
