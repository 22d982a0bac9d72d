import type { ScriptLimits } from '../entities/index.js';
import type { TestEvent, TestRunOutcome } from './test-run.types.js';

/** The event of a test run, read and ready. */
export interface ResolvedTestEvent {
  id: string;
  type: string;
  /** JSON text of an object. */
  payload: string;
  /** ISO 8601 in UTC. */
  occurredAt: string;
  actorId: string | null;
  depth: number;
  ignoredFields: string[];
}

/** Port: the events that a test run can have. */
export abstract class TestEvents {
  /**
   * @param by the actor of an event that is made up
   * @throws errors of {@link ScriptsEventError} for an event that is not there, was not kept, or cannot be a payload
   */
  abstract resolve(tenantId: string, event: TestEvent, by: string | null): Promise<ResolvedTestEvent>;
}

/** A script as it is to be tried. */
export interface TestSubject {
  id: string;
  name: string;
  version: number;
  /** JavaScript. */
  source: string;
  limits: ScriptLimits | null;
  bindings: readonly string[] | null;
}

export interface TestRunRequest {
  tenantId: string;
  script: TestSubject;
  event: ResolvedTestEvent;
  callBindings: boolean;
  /** Whether the run is recorded: when its source is a saved version, whose lines the record speaks of. */
  recorded: boolean;
  signal: AbortSignal | undefined;
}

/** Port: runs a script for nobody but who asks. */
export abstract class TestRunner {
  /**
   * Resolves when the script has ended and its record, if any, is stored. No dead letter, host event, published event or
   * count comes of it. `executionId` is null when nothing is stored.
   */
  abstract run(request: TestRunRequest): Promise<TestRunOutcome & { executionId: string | null }>;
}
