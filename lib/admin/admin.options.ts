import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import type { JsonValue } from '../common/json.js';

export const ADMIN_PERMISSIONS = ['read', 'data', 'write', 'operate'] as const;

/**
 * What a session may do:
 *
 * - `read`: see scripts, executions and dead letters, without what they carry
 * - `data`: see payloads, results and logs
 * - `write`: make and change scripts, and try them
 * - `operate`: replay, discard, resume, disable, cancel, and see how the application is
 *
 * @publicApi
 */
export type AdminPermission = (typeof ADMIN_PERMISSIONS)[number];

/** Who asks, as the host knows them. @publicApi */
export interface AdminSession {
  /** Kept as `by` with everything they do: an id of 1 to 200 characters. The name is for the page. */
  actor: { id: string; name?: string };
  /** The tenants they may see, at most 1,000; `all` for operators. */
  tenants: readonly string[] | 'all';
  permissions: readonly AdminPermission[];
}

/**
 * The host's word on a request, once its guards have let it through. `null` is answered with 401. It may throw an
 * `HttpException` of its own.
 *
 * @param request the request of Express or Fastify, with what the host's guards have put on it
 * @publicApi
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a request of the host's own type, whatever its guards add to it
export type AdminAccess = (request: any) => AdminSession | null | Promise<AdminSession | null>;

/** What {@link AdminRedact} is given: a payload, what a script returned or published, its log lines, or its error's text. @publicApi */
export type AdminDataKind = 'payload' | 'result' | 'logs' | 'error';

/**
 * Blanks what nobody is to see, before it is answered: gets the value as JSON and returns what to show instead. Scripts go on
 * seeing everything.
 *
 * @publicApi
 */
export type AdminRedact = (tenantId: string, kind: AdminDataKind, value: JsonValue) => JsonValue;

/** What may be computed: of `forRoot`, and what the factory of `forRootAsync` returns. @publicApi */
export interface AdminSettings {
  /** Who may see and do what. Needed: without it nobody could, or everybody. */
  access: AdminAccess;
  /** Default: everything is shown to who may see it. */
  redact?: AdminRedact;
  /**
   * Test runs and replayed executions of one tenant at the same time in this process; more are answered with 429. 1 to 100,
   * default 2.
   */
  maxTestRuns?: number;
}

/** What shapes the module, and so is known before anything is computed. @publicApi */
export interface AdminPlacement {
  /**
   * Where it is found, below the global prefix of the host: `scripts-event`, the default, puts the API at
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
   * Directives of the page's Content-Security-Policy by name, such as `{ 'frame-ancestors': "'self'" }` for a host that shows the
   * page in a frame of its own. Each replaces the one of that name; the others stay. Everything is refused by default but
   * what the page itself loads.
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
  /** Where to sign in, for who has no session. */
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
