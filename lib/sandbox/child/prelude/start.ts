/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { MakeBindings } from './bindings.js';
import type { Captured } from './capture.js';
import type { ByteLimits } from './count-bytes.js';
import type { Errors } from './errors.js';
import type { MakeEvents } from './events.js';
import type { Entries, Prepare, PreludeHost, PreludeSettings } from './prelude.types.js';
import type { MakeLog } from './log.js';
import type { MakeValues } from './values.js';

export function startMaker(
  captured: Captured,
  errors: Errors,
  makeSdk: MakeLog,
  makeEvents: MakeEvents,
  makeBindings: MakeBindings,
  makeValues: MakeValues,
  limits: ByteLimits,
): Omit<Entries, 'freeze'> {
  'use strict';
  const { apply, AsyncFunction, defineProperty, forgetRaw, keys, mapGet, mapSet, NativeMap } = captured;
  const { parse, resolved, stringify, thenOf } = captured;
  const { classes, describe, freezeDeep, isObject } = errors;
  const { isLargerThan, sizeInWords } = limits;

  const ON_THE_WAY = -1;
  /** Places in a script's scope of what differs from run to run. */
  const CTX = 0;
  const SECRETS = 4;
  const VARS = 5;

  /**
   * Whether a value that could not be serialised nests deeper than `levels`. Counts the levels itself, because the
   * error that serialising threw may be the script's own. Does not look into objects that have a `toJSON`, and does not
   * go around a cycle twice.
   */
  function isDeeper(value: unknown, levels: number): boolean {
    const heights = new NativeMap<object, number>();
    const look = (node: unknown, left: number): boolean => {
      if (!isObject(node) || typeof node === 'function') return false;
      if (typeof (node as { toJSON?: unknown }).toJSON === 'function') return false;
      const height = apply(mapGet, heights, [node]) as number | undefined;
      if (height !== undefined && height <= left) return false;
      if (left === 0) return true;
      apply(mapSet, heights, [node, ON_THE_WAY]);
      const names = keys(node);
      for (let index = 0; index < names.length; index++)
        if (look((node as Record<string, unknown>)[names[index]!], left - 1)) return true;
      apply(mapSet, heights, [node, left]);
      return false;
    };
    try {
      return look(value, levels);
    } catch {
      return false;
    }
  }

  /** Reacts to a promise without reading `constructor`, which the script may have replaced. */
  function whenSettled(
    promise: object,
    done: (value: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    defineProperty(promise, 'constructor', { __proto__: null, value: undefined } as object);
    // If a handler threw, the run would fail with the kind `timeout` instead of the handler's error.
    void apply(thenOf, promise, [done, failed]);
  }

  let host!: PreludeHost;
  /** The tools of the run that was started last. */
  let tools: Tools | undefined;

  type Tools = ReturnType<typeof makeTools>;
  type Script = Parameters<Prepare>[0];

  /**
   * Creates what all runs of a script share. No run can leave anything in what it gets of this, because that is frozen,
   * functions included. The rest is set back before the next run of any script, so that what the run has left can be
   * collected.
   */
  function makeTools(settings: PreludeSettings) {
    const bindings = makeBindings(host, settings);
    const lines = makeSdk(host, settings, bindings);
    const { events, published, reset: resetEvents } = makeEvents(settings);

    const fail = (error: unknown): void => host.failed(describe(error, settings, ''));
    const complete = (value: unknown): void => {
      let json: string | undefined;
      try {
        json = stringify(value);
      } catch (error) {
        if (isDeeper(value, settings.depth)) return host.rejected('The result is nested too deeply');
        return host.failed(describe(error, settings, "The result can't be converted to JSON: "));
      }
      if (json === undefined) json = 'null';
      if (isLargerThan(json, settings.resultBytes)) {
        const size = sizeInWords(json, settings.resultBytes);
        return host.rejected(`The result has ${size}; the limit is resultBytes = ${settings.resultBytes}`);
      }
      host.completed(json, published());
    };

    const scope: unknown[] = [
      undefined,
      lines.sdk,
      events,
      lines.console,
      undefined,
      undefined,
      bindings.store,
    ];
    for (let index = 0; index < classes.length; index++) scope[scope.length] = classes[index];
    const roots = bindings.roots();
    for (let index = 0; index < roots.length; index++) scope[scope.length] = roots[index];
    /** The function of a script's run. */
    const bodyOf = (script: Script, ctx: unknown, { secrets, vars }: ReturnType<MakeValues>): unknown => {
      scope[CTX] = ctx;
      scope[SECRETS] = secrets;
      scope[VARS] = vars;
      const body = apply(script, undefined, scope);
      scope[CTX] = scope[SECRETS] = scope[VARS] = undefined;
      return body;
    };
    const reset = (): void => {
      bindings.reset();
      lines.reset();
      resetEvents();
    };
    return { bodyOf, reset, complete, fail, settle: bindings.settle, reportDropped: lines.reportDropped };
  }

  function begin(
    script: Script,
    next: Tools,
    ctxText: string,
    inputText: string,
    valuesText: string | undefined,
  ): void {
    tools?.reset();
    forgetRaw();
    tools = next;
    const ctx = parse(ctxText) as Record<string, unknown>;
    try {
      ctx['input'] = parse(inputText);
    } catch {
      return host.rejected('The input is not JSON');
    }
    freezeDeep(ctx);
    const body = next.bodyOf(script, ctx, makeValues(valuesText));
    whenSettled(apply(thenOf, resolved, [body]), next.complete, next.fail);
  }

  return {
    connect: (given) => {
      host = given;
    },
    prepare: (script, settingsText) => {
      const settings = freezeDeep(parse(settingsText)) as PreludeSettings;
      let own: Tools | undefined;
      // Not made before the first run, because `connect` comes in between.
      return (ctx, input, values) => begin(script, (own ??= makeTools(settings)), ctx, input, values);
    },
    settle: (call, ok, answer) => tools?.settle(call, ok, answer),
    reportDropped: () => tools?.reportDropped(),
    check: (body) => void new AsyncFunction(body),
  };
}
