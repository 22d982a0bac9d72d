import type { Isolation } from '../../sandbox/index.js';

/** Options of `run`. */
export interface RunOptions {
  event: string;
  input?: string;
  filter?: string;
  bindings?: string;
  secrets?: string;
  vars?: string;
  store?: string;
  tenant: string;
  actor?: string;
  timeout: number;
  memory: number;
  isolation: Isolation;
  json?: boolean;
  watch?: boolean;
}
