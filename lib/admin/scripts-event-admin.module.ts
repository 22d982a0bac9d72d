import { type DynamicModule, type InjectionToken, Module, type Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { EventBuffer } from '../buffer/event-buffer.js';
import { TenantNews } from '../nodes/tenant-news.js';
import { RESOLVED_OPTIONS } from '../options/options.tokens.js';
import { ScriptService } from '../scripts/script.service.js';
import { AccessGuard } from './access/access.guard.js';
import { apiDescription, controllersAt, pageAt } from './admin.controllers.js';
import { AdminModuleMissingError } from './admin.errors.js';
import {
  ADMIN_SETTINGS,
  type AdminModuleAsyncOptions,
  type AdminModuleOptions,
  type AdminPlacement,
  type ResolvedAdminSettings,
} from './admin.options.js';
import {
  checkForRoot,
  checkForRootAsync,
  readPlacement,
  readSettings,
  settingsOf,
} from './admin.options.check.js';
import { BodyErrors } from './http/body-errors.js';
import { ProblemFilter } from './http/problem.filter.js';
import { AdminNode } from './resources/admin.node.js';
import { API_DESCRIPTION } from './resources/description.controller.js';
import { LiveStreams } from './live/live-streams.js';
import { RunPlaces } from './resources/run.places.js';
import { ScriptNames } from './resources/script-names.js';
import { SessionAnswer } from './resources/session-answer.js';
import { FirstAnswers } from './serving/first-answers.js';
import { PageFiles } from './serving/page.files.js';
import { PAGE_PLACE } from './serving/page-place.js';
import { PAGE_SETTINGS, pageSettings } from './serving/page.settings.js';
import { PageProblemFilter } from './serving/page-problem.filter.js';

/** The given options, before they are checked. */
const GIVEN = Symbol('scripts-event:admin-given');

/**
 * The page on which people work with scripts, and its API, inside the host's application and behind its guards. Beside
 * `ScriptsEventModule`:
 *
 * ```ts
 * ScriptsEventAdminModule.forRoot({
 *   guards: [SessionGuard],
 *   access: ({ user }) => user && {
 *     actor: { id: user.id, name: user.name },
 *     tenants: [user.tenantId],
 *     permissions: user.isAdmin ? ['read', 'data', 'write', 'operate'] : ['read'],
 *   },
 * })
 * ```
 *
 * Nobody has access unless `access` grants it. You can import the module several times, at different paths.
 *
 * @publicApi
 */
@Module({})
export class ScriptsEventAdminModule {
  /** @internal */
  constructor(private readonly bodyErrors: BodyErrors) {}

  /** @internal */
  configure(): void {
    this.bodyErrors.beforeRoutes();
  }

  /** @throws AdminOptionsError at once if an option is invalid or `access` is missing */
  static forRoot(options: AdminModuleOptions): DynamicModule {
    checkForRoot(options);
    return moduleOf(options, [{ provide: GIVEN, useValue: settingsOf(options) }]);
  }

  /**
   * The same with settings from a factory. Set `path`, `imports` and `guards` beside the factory, because the routes
   * are created before it is called.
   *
   * @throws AdminOptionsError at once for settings beside the factory, and at the start for those that it returns
   */
  static forRootAsync(options: AdminModuleAsyncOptions): DynamicModule {
    checkForRootAsync(options);
    const { useFactory, inject = [] } = options;
    return moduleOf(options, [{ provide: GIVEN, useFactory, inject }]);
  }
}

function moduleOf(placement: AdminPlacement, given: Provider[]): DynamicModule {
  const { path, imports, guards, page, ...settings } = readPlacement(placement);
  const pageOwn: Provider[] = page
    ? [
        { provide: PageFiles, useFactory: () => PageFiles.read(PAGE_PLACE) },
        {
          provide: PAGE_SETTINGS,
          inject: [PageFiles],
          useFactory: (files: PageFiles) => pageSettings(path, settings, files),
        },
        PageProblemFilter,
        FirstAnswers,
      ]
    : [];
  return {
    module: ScriptsEventAdminModule,
    imports,
    controllers: [...controllersAt(path, guards), ...(page ? [pageAt(path, guards)] : [])],
    providers: [
      ...given,
      ...pageOwn,
      {
        provide: ADMIN_SETTINGS,
        inject: [GIVEN, { token: RESOLVED_OPTIONS, optional: true }],
        useFactory: readyFor,
      },
      { provide: API_DESCRIPTION, useFactory: apiDescription },
      AccessGuard,
      ProblemFilter,
      {
        provide: BodyErrors,
        inject: [HttpAdapterHost, ProblemFilter],
        useFactory: (adapterHost: HttpAdapterHost, problems: ProblemFilter) =>
          new BodyErrors(path, adapterHost, problems),
      },
      AdminNode,
      RunPlaces,
      ofScriptsEvent(ScriptNames, ScriptService),
      ofScriptsEvent(SessionAnswer, EventBuffer, RESOLVED_OPTIONS),
      ofScriptsEvent(LiveStreams, TenantNews),
    ],
  };
}

/**
 * A provider from the exports of `ScriptsEventModule`. Without that module, the start fails with an error that says
 * so.
 */
function ofScriptsEvent<Given extends unknown[]>(
  provided: new (...given: Given) => unknown,
  ...tokens: InjectionToken[]
): Provider {
  return {
    provide: provided,
    inject: tokens.map((token) => ({ token, optional: true })),
    useFactory: (...given: Given) => {
      if (given.some((one) => one === undefined || one === null)) throw new AdminModuleMissingError();
      return new provided(...given);
    },
  };
}

/** The settings, after checking that everything that the API needs is there. */
function readyFor(given: unknown, options: unknown): ResolvedAdminSettings {
  if (options === undefined || options === null) throw new AdminModuleMissingError();
  return readSettings(given);
}
