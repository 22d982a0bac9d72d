/** What the prelude calls in the child. Copies of text only. */
export interface PreludeHost {
  log(level: string, message: string, data: string | undefined): void;
  drop(): void;
  call(id: number, name: string, args: string): void;
  /** The first call ends the run. */
  completed(result: string, published: string): void;
  failed(error: string): void;
  rejected(message: string): void;
}

export interface PreludeSettings {
  bindings: string[];
  reservedEventTypes: string[];
  resultBytes: number;
  logLines: number;
  logBytes: number;
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
/** Begins a run; the script itself starts in a microtask, so that no frame of ours is below its own. */
export type Begin = (ctx: string, input: string) => void;
/** Lays a script's settings beside it, once for all its runs. Nothing of the script runs yet. */
export type Prepare = (script: (...scope: unknown[]) => () => Promise<unknown>, settings: string) => Begin;
/** Says once what all runs of the realm call: to hand functions into an isolate takes as long as a small script. */
export type Connect = (host: PreludeHost) => void;
/** Throws for what is no body of a function by itself, such as `return 1; }; }); (function () {`. Runs nothing of it. */
export type Check = (body: string) => void;
/** What a realm is entered by. */
export interface Entries {
  connect: Connect;
  prepare: Prepare;
  settle: Settle;
  check: Check;
}
