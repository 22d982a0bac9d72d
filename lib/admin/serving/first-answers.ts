import { Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Session } from '../access/session.js';
import { type Answering, answerInside } from '../http/route.js';
import { ActivityController } from '../resources/activity.controller.js';
import { ApplicationController } from '../resources/application.controller.js';
import { DeadLettersController } from '../resources/dead-letters.controller.js';
import { ScriptStatesController } from '../resources/script-states.controller.js';
import { ScriptsController } from '../resources/scripts.controller.js';

/** Milliseconds that a document waits for answers. The page itself requests those that are missing. */
const MOST_MS = 1_000;

/** A response of the API that the page needs at once, with the path and query of the page's request for it. */
export interface FirstAnswer {
  path: string;
  query: Readonly<Record<string, string | number>>;
  value: unknown;
}

/**
 * The answers to the overview's first requests, for its document to contain: on a slow line, each round trip takes half
 * a second. They come from the routes of the API, so permissions and `redact` apply.
 */
@Injectable()
export class FirstAnswers {
  private readonly controllers = new Map<Type, Promise<unknown>>();

  constructor(private readonly module: ModuleRef) {}

  /**
   * @param tenant `tenant` in the address of the page, unchecked
   * @param gone aborts when the client disconnects
   */
  async of(session: Session, tenant: unknown, gone: AbortSignal): Promise<FirstAnswer[]> {
    if (!hasTenant(session, tenant)) return [];
    const answering = this.ask(session, tenant === session.onlyTenant ? undefined : tenant, gone);
    const found = (await Promise.all(within(MOST_MS, answering))).filter((one) => one !== undefined);
    return found.filter(({ path }) => path !== 'event-types' || hasNoScripts(found));
  }

  /** A separate instance: if a guard of the host is made for each request, so are the controllers with the routes. */
  private controllerOf<Controller>(type: Type<Controller>): Promise<Controller> {
    const known = this.controllers.get(type);
    if (known) return known as Promise<Controller>;
    const made = this.module.create(type);
    this.controllers.set(type, made);
    return made;
  }

  private ask(session: Session, tenant: unknown, gone: AbortSignal): Promise<FirstAnswer | undefined>[] {
    const named: FirstAnswer['query'] = tenant === undefined ? {} : { tenant: String(tenant) };
    const ask = async <Controller extends Answering>(
      type: Type<Controller>,
      method: keyof Controller & string,
      path: string,
      query: FirstAnswer['query'] = {},
    ): Promise<FirstAnswer | undefined> => {
      try {
        const text = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
        const value = await answerInside(await this.controllerOf(type), method, {
          session,
          query: text,
          gone,
        });
        return { path, query, value };
      } catch {
        // The page requests it itself, and shows the error.
        return undefined;
      }
    };
    return [
      ask(ScriptsController, 'listScripts', 'scripts', { ...named, limit: 1 }),
      ask(DeadLettersController, 'countDeadLetters', 'dead-letters/counts', named),
      ask(ScriptStatesController, 'listUnwellScripts', 'script-health', named),
      ask(ActivityController, 'countExecutions', 'executions/stats', named),
      ask(ActivityController, 'listFailures', 'failures', { ...named, limit: 5 }),
      ask(ApplicationController, 'getHealth', 'health'),
      ask(ApplicationController, 'listEventTypes', 'event-types'),
    ];
  }
}

function hasTenant(session: Session, named: unknown): boolean {
  try {
    return session.tenantOf(named) !== '';
  } catch {
    return false;
  }
}

/** The page shows the event types only to a tenant without scripts. */
const hasNoScripts = (answers: readonly FirstAnswer[]): boolean =>
  answers.some(
    ({ path, value }) => path === 'scripts' && (value as { items: readonly unknown[] }).items.length === 0,
  );

/** Each promise's value, or undefined after `ms` milliseconds. */
function within<T>(ms: number, promises: readonly Promise<T>[]): Promise<T | undefined>[] {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  void Promise.allSettled(promises).then(() => clearTimeout(timer));
  return promises.map((one) => Promise.race([one, late]));
}
