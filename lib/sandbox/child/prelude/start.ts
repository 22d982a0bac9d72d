/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { MakeBindings } from './bindings.js';
import type { Captured } from './capture.js';
import type { Errors } from './errors.js';
import type { MakeEvents } from './events.js';
import type { PreludeSettings, Start } from './prelude.types.js';
import type { MakeLog } from './log.js';

export function startMaker(
  captured: Captured,
  errors: Errors,
  makeSdk: MakeLog,
  makeEvents: MakeEvents,
  makeBindings: MakeBindings,
): Start {
  'use strict';
  const { apply, defineProperty, freeze, keys, parse, resolved, stringify, thenOf } = captured;
  const { describe, isTooDeep, NonRetryableError, RetryAfterError } = errors;

  /** Freezes what JSON.parse made: plain data, no deeper than the parent lets through. */
  function freezeDeep(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const names = keys(value);
    for (let index = 0; index < names.length; index++)
      freezeDeep((value as Record<string, unknown>)[names[index]!]);
    return freeze(value);
  }

  /** Reactions without a look at `constructor`, which the script may have replaced. */
  function whenSettled(
    promise: object,
    done: (value: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    defineProperty(promise, 'constructor', { __proto__: null, value: undefined } as object);
    apply(thenOf, promise, [done, failed]);
  }

  return (script, host, ctxText, inputText, settingsText) => {
    const settings = parse(settingsText) as PreludeSettings;
    const ctx = parse(ctxText) as Record<string, unknown>;
    ctx['input'] = parse(inputText);
    freezeDeep(ctx);
    const { sdk, console } = makeSdk(host, settings);
    const { events, published } = makeEvents(settings);
    const bindings = makeBindings(host, settings);

    const fail = (error: unknown): void => host.failed(describe(error, settings, ''));
    const complete = (value: unknown): void => {
      let json: string | undefined;
      try {
        json = stringify(value);
      } catch (error) {
        if (isTooDeep(error)) return host.rejected('The result is nested too deeply');
        return host.failed(describe(error, settings, 'The result has no JSON form: '));
      }
      if (json === undefined) json = 'null';
      if (json.length > settings.resultBytes) {
        const bounds = `${json.length} characters; at most resultBytes = ${settings.resultBytes} are allowed`;
        return host.rejected(`The result has ${bounds}`);
      }
      host.completed(json, published());
    };

    const scope: unknown[] = [ctx, sdk, events, console, NonRetryableError, RetryAfterError];
    const roots = bindings.roots();
    for (let index = 0; index < roots.length; index++) scope[scope.length] = roots[index];
    const body = apply(script, undefined, scope);
    whenSettled(apply(thenOf, resolved, [body]), complete, fail);
    return bindings.settle;
  };
}
