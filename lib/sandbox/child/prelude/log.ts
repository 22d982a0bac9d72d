/* oxlint-disable unicorn/consistent-function-scoping -- the text of this function is compiled in the isolate: see index.ts */
import type { Captured } from './capture.js';
import type { Errors } from './errors.js';
import type { PreludeHost, PreludeSettings } from './prelude.types.js';

/** The functions of `sdk` that call the parent. */
type Digests = Record<'hash' | 'hmac', (args?: unknown) => Promise<unknown>>;

/** Creates `sdk` and `console` of a script. */
export type MakeLog = ReturnType<typeof logMaker>;

export function logMaker(captured: Captured, errors: Errors) {
  'use strict';
  const { apply, codeAt, freeze, NativeError, slice, sliceList, stringify } = captured;
  const { show } = errors;
  const MAX_LINE = 8_192;
  const MAX_DATA = 16_384;

  /**
   * Counts the lines that a run drops. Reports the number each time it has grown by a fifth: the engine can't stop a
   * script in time that keeps calling the sandbox process.
   */
  function makeDrops(host: PreludeHost) {
    let dropped = 0;
    let due = 1;
    const report = (): void => host.dropped(dropped);
    const drop = (): void => {
      if (++dropped < due) return;
      due = dropped * 1.2;
      report();
    };
    const reset = (): void => {
      dropped = 0;
      due = 1;
    };
    return { drop, report, reset };
  }

  function makeWrite(host: PreludeHost, settings: PreludeSettings, drop: () => void) {
    let lines = 0;
    let isFull = false;
    const reset = (): void => {
      lines = 0;
      isFull = false;
    };
    const write = (level: string, args: unknown[]): void => {
      if (isFull || lines >= settings.logLines) return drop();
      const first = args.length === 0 ? '' : args[0];
      let message = typeof first === 'string' ? first : show(first);
      if (message.length > MAX_LINE) {
        const isWithinPair = (codeAt(message, MAX_LINE - 1) & 0xfc00) === 0xd800;
        const end = isWithinPair ? MAX_LINE - 1 : MAX_LINE;
        message = apply(slice, message, [0, end]) + `… (${message.length - end} more characters)`;
      }
      const data =
        args.length < 2 ? undefined : dataOf(args.length === 2 ? args[1] : apply(sliceList, args, [1]));
      // Checked again, because serialising may run code of the script, which may log.
      if (isFull || lines >= settings.logLines) return drop();
      lines++;
      isFull = !host.log(level, message, data);
      if (isFull) drop();
    };
    return { write, reset };
  }
  function dataOf(value: unknown): string | undefined {
    let json: string | undefined;
    try {
      const plain = typeof value === 'object' && value !== null && value instanceof NativeError;
      json = plain || typeof value === 'bigint' ? stringify(show(value)) : stringify(value);
    } catch (error) {
      json = stringify(`[no JSON form: ${show(error)}]`);
    }
    if (json === undefined || json.length <= MAX_DATA) return json;
    return stringify(`[${json.length} characters left out]`);
  }

  function makeSdk(log: (level: string, args: unknown[]) => void, { hash, hmac }: Digests) {
    const at = (level: string): ((...args: unknown[]) => void) =>
      freeze((...args: unknown[]): void => log(level, args));
    const debug = at('debug');
    const info = at('info');
    const warn = at('warn');
    const error = at('error');
    const sdk = freeze({ log: freeze({ debug, info, warn, error }), hash, hmac });
    const console = freeze({ log: info, info, debug, trace: debug, warn, error, dir: info, table: info });
    return { sdk, console };
  }

  return (host: PreludeHost, settings: PreludeSettings, digests: Digests) => {
    const drops = makeDrops(host);
    const lines = makeWrite(host, settings, drops.drop);
    const reset = (): void => {
      drops.reset();
      lines.reset();
    };
    return { ...makeSdk(lines.write, digests), reportDropped: drops.report, reset };
  };
}
