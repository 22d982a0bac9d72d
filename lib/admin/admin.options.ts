import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import type { JsonValue } from '../common/json.js';

export const ADMIN_PERMISSIONS = ['read', 'data', 'write', 'operate'] as const;

/**
 * What a session may do:
 *
 * - `read`: see scripts, executions and dead letters, without their data
 * - `data`: see payloads, results, logs, and what scripts remember in their stores
 * - `write`: make and change scripts, and try them; set secrets and variables; remove what scripts remember
 * - `operate`: replay, discard, resume, disable, cancel, and see the health of the application
 *
 * @publicApi
 */
export type AdminPermission = (typeof ADMIN_PERMISSIONS)[number];

/** The user of a request, as the host knows them. @publicApi */
export interface AdminSession {
  /** Stored as `by` with everything they do: an id of 1 to 200 characters. The page shows the name. */
  actor: { id: string; name?: string };
  /** The tenants they may see, at most 1,000; `all` for operators. */
  tenants: readonly string[] | 'all';
  permissions: readonly AdminPermission[];
}

/**
 * Returns who sends a request. Called after the host's guards have admitted it. `null` means nobody: the response is
 * 401. It may throw an `HttpException`.
 *
 * @param request the request of Express or Fastify, with what the host's guards have put on it
 * @publicApi
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a request of the host's own type, whatever its guards add to it
export type AdminAccess = (request: any) => AdminSession | null | Promise<AdminSession | null>;

/**
 * What {@link AdminRedact} is given: a payload, what a script returned or published, its log lines, a value that it
 * remembers in its store, or its error's text. @publicApi
 */
export type AdminDataKind = 'payload' | 'result' | 'logs' | 'store' | 'error';

/**
 * Removes data that nobody may see: gets a value as JSON before it is sent, and returns what is sent instead. Scripts
 * still see everything.
 *
 * @publicApi
 */
export type AdminRedact = (tenantId: string, kind: AdminDataKind, value: JsonValue) => JsonValue;

/** The settings that the factory of `forRootAsync` returns; also part of `forRoot`. @publicApi */
export interface AdminSettings {
  /** Returns who may see and do what. Required. */
  access: AdminAccess;
  /** Default: removes nothing. */
  redact?: AdminRedact;
  /**
   * How many test runs and replays of executions this process runs at a time for one tenant; for more, the response is
   * 429. 1 to 100, default 2.
   */
  maxTestRuns?: number;
}

/** Settings that the module needs before it calls a factory. @publicApi */
export interface AdminPlacement {
  /**
   * First part of the path, below the global prefix of the host: `scripts-event`, the default, puts the API at
   * `/scripts-event/api`. Letters, digits, `-`, `_`, `.` and `/`.
   */
  path?: string;
  /** Modules that the guards, and the factory of `forRootAsync`, need. */
  imports?: ModuleMetadata['imports'];
  /** Guards of the host that every request passes before `access` is asked, in this order. Default none. */
  guards?: (Type<CanActivate> | CanActivate)[];
  /** Whether the page is served at `path`, beside the API. Default true. */
  page?: boolean;
  /**
   * Directives of the page's Content-Security-Policy by name, such as `{ 'frame-ancestors': "'self'" }` for a host that
   * shows the page in a frame of its own. Each replaces the one of that name; the others stay. By default, only what
   * the page itself loads is allowed. If you set `script-src` or `style-src`, the page's documents link to the script
   * and the style instead of containing them, which takes another round trip; then `'self'` is enough.
   */
  csp?: AdminCsp;
  /** Addresses of the host's own that the page links to. Default none. */
  links?: AdminLinks;
}

/** Directives of a Content-Security-Policy with their values. @publicApi */
export type AdminCsp = Readonly<Record<string, string>>;

/** Addresses that the page links to: a path of the host, `/account`, or an `https:` address. @publicApi */
export interface AdminLinks {
  /** The host's own start page: the page's way back. */
  home?: string;
  /** Where people without a session sign in. */
  signIn?: string;
}

/** @publicApi */
export type AdminModuleOptions = AdminPlacement & AdminSettings;

/** @publicApi */
export interface AdminModuleAsyncOptions extends AdminPlacement {
  /** Providers given to the factory. */
  // oxlint-disable-next-line typescript/no-explicit-any -- as Nest's own FactoryProvider has it
  inject?: any[];
  // oxlint-disable-next-line typescript/no-explicit-any -- as Nest's own FactoryProvider has it
  useFactory: (...args: any[]) => AdminSettings | Promise<AdminSettings>;
}

/** The settings with their defaults. */
export interface ResolvedAdminSettings {
  readonly access: AdminAccess;
  readonly redact: AdminRedact;
  readonly maxTestRuns: number;
}

export const ADMIN_SETTINGS = Symbol('scripts-event:admin-settings');
