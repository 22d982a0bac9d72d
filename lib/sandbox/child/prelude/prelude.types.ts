import type { FreezeRealm } from './frozen-realm.js';

/** The functions of the sandbox process that the prelude calls. Only text, numbers and booleans cross. */
export interface PreludeHost {
  /** Returns false if the line exceeds `logBytes`; it is then dropped. Call it no more. */
  log(level: string, message: string, data: string | undefined): boolean;
  /** How many lines the run has dropped so far, or a sixth less. */
  dropped(lines: number): void;
  call(id: number, name: string, args: string): void;
  /** This and the next two end the run; the first call counts. */
  completed(result: string, published: string): void;
  failed(error: string): void;
  rejected(message: string): void;
}

export interface PreludeSettings {
  bindings: string[];
  reservedEventTypes: string[];
  resultBytes: number;
  logLines: number;
  messageBytes: number;
  stackBytes: number;
  publishes: number;
  publishBytes: number;
  bindingCalls: number;
  bindingBytes: number;
  depth: number;
}

/** Delivers the answer of a binding call to the run that was started last. */
export type Settle = (call: number, ok: boolean, text: string) => void;
/** Begins a run. The script itself starts in a microtask, so that its stack has no frame of the prelude. */
export type Begin = (ctx: string, input: string, values?: string) => void;

/** The tenant's values that a run may use, as JSON. */
export interface GivenValues {
  /** The secrets that the script may use. */
  secrets: { nonce: string; names: string[] } | null;
  /** The tenant's variables, for a script that may read them. */
  vars: Record<string, unknown> | null;
}

/** Stores a script's settings for all its runs. Runs no code of the script. */
export type Prepare = (script: (...scope: unknown[]) => () => Promise<unknown>, settings: string) => Begin;
/**
 * Sets the functions that all runs of the realm call. Call it once, because passing functions into an isolate takes as
 * long as a small script.
 */
export type Connect = (host: PreludeHost) => void;
/** Reports exactly how many log lines the run that was started last has dropped. Runs no code of the script. */
export type ReportDropped = () => void;
/** Throws if the text is not a function body by itself, such as `return 1; }; }); (function () {`. Runs none of it. */
export type Check = (body: string) => void;
/** The functions through which the sandbox process uses a realm. */
export interface Entries {
  connect: Connect;
  prepare: Prepare;
  settle: Settle;
  reportDropped: ReportDropped;
  check: Check;
  freeze: FreezeRealm;
}
