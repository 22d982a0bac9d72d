import type { CreateScript, ScriptsEventModuleOptions } from '../../../lib/index.js';

/** The settings of a node. */
export interface NodeSetup {
  url: string;
  schema: string;
  options: ScriptsEventModuleOptions;
}

/** A series of numbered events of one tenant. */
interface Batch {
  tenantId: string;
  /** Number of the first event. Each payload has its number as `clientId`. */
  from: number;
  count: number;
  /** The email of all events, which may be an ordering key. Default: a different one for each. */
  email?: string;
}

/** The commands that a node accepts, and its answers. */
export interface Commands {
  script: { args: { tenantId: string; script: CreateScript }; answer: string };
  /** Whether the node's script index has a script. */
  knows: { args: { scriptId: string }; answer: boolean };
  /** Publishes in transactions that also write the ledger. Each `rollBackEvery`th one is rolled back. */
  publish: { args: Batch & { parallel: number; rollBackEvery?: number }; answer: { failed: number } };
  /** Emits all events at once. */
  emit: { args: Batch; answer: null };
  /** Moves this process's wall clock. */
  jump: { args: { ms: number }; answer: null };
  /** Resumes a disabled script, with the events that were held for it. */
  resume: { args: { tenantId: string; scriptId: string }; answer: null };
  stats: { args: null; answer: { depth: number; busy: number } };
}
