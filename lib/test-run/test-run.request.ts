import type { ReadStandIns } from '../bindings/stand-ins.js';
import type { EventEnvelope } from '../common/event-envelope.js';
import type { ScriptLimits } from '../entities/index.js';

/** The event of a test run, as the script will get it. */
export interface ResolvedTestEvent extends EventEnvelope {
  readonly ignoredFields: string[];
}

/** Who answers calls of bindings. A binding that is neither in `call` nor has a stand-in is refused. */
export interface ReadTestBindings {
  standIns: ReadStandIns;
  /** Names that are called for real. */
  call: 'all' | readonly string[];
}

/** The script that a test run executes, saved or not. */
export interface TestSubject {
  id: string;
  name: string;
  version: number;
  /** JavaScript. */
  source: string;
  limits: ScriptLimits | null;
  bindings: readonly string[] | null;
  secrets: readonly string[] | null;
}

export interface TestRunRequest {
  tenantId: string;
  script: TestSubject;
  event: ResolvedTestEvent;
  bindings: ReadTestBindings;
  useSecrets: boolean;
  /**
   * Whether the run is recorded. True only for a saved version, because the line numbers in a record need their source.
   */
  recorded: boolean;
  signal: AbortSignal | undefined;
}
