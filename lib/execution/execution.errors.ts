import { ScriptsEventError } from '../common/errors.js';
import { valueInWords } from '../common/printable.js';

/** The host's own call of `execute` asked for a script that does not run. */
export class ScriptNotRunnableError extends ScriptsEventError {
  readonly code = 'script-not-runnable';
  override readonly category = 'conflict';

  constructor(scriptId: string, status: string) {
    super(
      `Script ${scriptId} is ${status}, and only active scripts run. Activate it, or use a test run for a draft.`,
    );
  }
}

/** A past execution was asked for its event, or to run again, and its input is not stored. */
export class ExecutionInputNotKeptError extends ScriptsEventError {
  readonly code = 'execution-input-not-kept';
  override readonly category = 'conflict';

  constructor(readonly executionId: string) {
    super(
      `Execution ${executionId} was recorded without its input. Set storage.keepInput (EVENT_STORAGE_KEEP_INPUT) to record the input of later executions; for this one, pass the input yourself.`,
    );
  }
}

/** No such execution of the tenant runs in this process: it has ended, or another one runs it. */
export class ExecutionNotRunningError extends ScriptsEventError {
  readonly code = 'execution-not-running';
  override readonly category = 'not-found';

  constructor(readonly executionId: string) {
    super(
      `Execution ${valueInWords(executionId)} is not running for this tenant. Its record says how it ended.`,
    );
  }
}

/** An execution was to run again that cannot: it was a test, or it failed and has a dead letter, which is replayed instead. */
export class ExecutionNotReplayableError extends ScriptsEventError {
  readonly code = 'execution-not-replayable';
  override readonly category = 'conflict';

  constructor(
    readonly executionId: string,
    reason: string,
  ) {
    super(`Execution ${executionId} can't be replayed: it ${reason}.`);
  }
}

/** A call needs to know the tenant, and nothing says which one. */
export class TenantRequiredError extends ScriptsEventError {
  readonly code = 'tenant-required';

  constructor(call: string) {
    super(
      `${call} needs a tenant: pass { tenantId }, or set events.defaultTenantId in a single-tenant application.`,
    );
  }
}
