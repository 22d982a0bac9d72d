import { Injectable, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Session } from '../access/session.js';
import { type Answering, answerInside } from '../http/route.js';
import { ActivityController } from '../resources/activity.controller.js';
import { ApplicationController } from '../resources/application.controller.js';
import { DeadLettersController } from '../resources/dead-letters.controller.js';
import { ScriptStatesController } from '../resources/script-states.controller.js';
import { ScriptsController } from '../resources/scripts.controller.js';

/** Milliseconds for which a document waits: what isn't there by then, the page asks for itself, and says if it can't be had. */
const MOST_MS = 1_000;

/** A response of the API that the page needs at once, in the page's words for its request. */
export interface FirstAnswer {
  path: string;
  query: Readonly<Record<string, string | number>>;
  value: unknown;
}

/**
 * What the overview asks the API for, so that its document brings it: on a slow line each round trip saves half a second. The
 * routes of the API themselves answer, with the session's rights and what `redact` leaves.
 */
@Injectable()
export class FirstAnswers {
  private readonly controllers = new Map<Type, Promise<unknown>>();

  constructor(private readonly module: ModuleRef) {}

  /**
   * @param tenant what the address of the page names, whatever it is
   * @param gone aborts when nobody waits any more
   */
  async of(session: Session, tenant: unknown, gone: AbortSignal): Promise<FirstAnswer[]> {
    if (!hasTenant(session, tenant)) return [];
    const answering = this.ask(session, tenant === session.onlyTenant ? undefined : tenant, gone);
    const found = (await Promise.all(within(MOST_MS, answering))).filter((one) => one !== undefined);
    return found.filter(({ path }) => path !== 'event-types' || hasNoScripts(found));
  }

  /** One of its own: those with routes exist for each request if a guard of the host does. */
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
        // The page asks for it, and shows why it can't be had.
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

/** Each of them, or undefined if it takes longer. */
function within<T>(ms: number, promises: readonly Promise<T>[]): Promise<T | undefined>[] {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  void Promise.allSettled(promises).then(() => clearTimeout(timer));
  return promises.map((one) => Promise.race([one, late]));
}
