import type { ScriptFailure } from '../entities/index.js';

/** What one process has seen of one version of a script since its last report. */
export interface RunReport {
  tenantId: string;
  scriptId: string;
  version: number;
  /** Executions that completed. */
  completed: number;
  /** Executions that failed, by kind. */
  failures: Record<string, number>;
  /** How many of these ended the sandbox process, by kind. */
  lost: Record<string, number>;
  last: ScriptFailure | null;
}
