import type { CreateScript, ScriptsEventModuleOptions } from '../../../lib/index.js';

/** How a node is started. */
export interface NodeSetup {
  url: string;
  schema: string;
  options: ScriptsEventModuleOptions;
}

/** A run of numbered events of one tenant. */
interface Batch {
  tenantId: string;
  /** Number of the first event; each payload carries its own as `clientId`. */
  from: number;
  count: number;
  /** The email of all of them, which a script may order by. Default: one of its own for each. */
  email?: string;
}

/** What a node can be told to do, with what it answers. */
export interface Commands {
  script: { args: { tenantId: string; script: CreateScript }; answer: string };
  /** Whether its script index has heard of a script. */
  knows: { args: { scriptId: string }; answer: boolean };
  /** Publishes in transactions that also write the ledger; the ones in `rollback` are rolled back. */
  publish: { args: Batch & { parallel: number; rollBackEvery?: number }; answer: { failed: number } };
  /** Emits all at once. */
  emit: { args: Batch; answer: null };
  /** Moves this process's wall clock. */
  jump: { args: { ms: number }; answer: null };
  /** Lets a disabled script run again, with what was kept for it. */
  resume: { args: { tenantId: string; scriptId: string }; answer: null };
  stats: { args: null; answer: { depth: number; busy: number } };
}
