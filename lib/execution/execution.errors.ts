import { ScriptsEventError } from '../common/errors.js';
import { valueInWords } from '../common/printable.js';

/** The script can't run now because it is not active, or is degraded and already running. */
export class ScriptNotRunnableError extends ScriptsEventError {
  readonly code = 'script-not-runnable';
  override readonly category = 'conflict';

  constructor(scriptId: string, status: string) {
    super(
      `Script ${scriptId} is ${status}, and only active scripts run. Activate it, or use a test run for a draft.`,
    );
  }
}

/** A past execution's input is needed, but was not stored. */
export class ExecutionInputNotKeptError extends ScriptsEventError {
  readonly code = 'execution-input-not-kept';
  override readonly category = 'conflict';

  constructor(readonly executionId: string) {
    super(
      `Execution ${executionId} was recorded without its input. Set storage.keepInput (EVENT_STORAGE_KEEP_INPUT) to record the input of later executions; for this one, pass the input yourself.`,
    );
  }
}

/** No such execution of the tenant is running: it has ended, or the process that runs it does not answer. */
export class ExecutionNotRunningError extends ScriptsEventError {
  readonly code = 'execution-not-running';
  override readonly category = 'not-found';

  constructor(readonly executionId: string) {
    super(
      `Execution ${valueInWords(executionId)} is not running for this tenant. Its record says how it ended.`,
    );
  }
}

/**
 * Other processes were asked to cancel an execution, but it isn't known whether one did: this process can't receive
 * their answers now, or too many such requests wait for an answer.
 */
export class CancelUnconfirmedError extends ScriptsEventError {
  readonly code = 'cancel-unconfirmed';
  override readonly category = 'unavailable';

  constructor(
    readonly executionId: string,
    why: string,
  ) {
    super(
      `Execution ${executionId} may or may not have been cancelled: ${why}. Read its record to see how it ended.`,
      {
        retryable: true,
      },
    );
  }
}

/**
 * The execution can't be replayed: it was a test run, or it failed and has a dead letter, which can be replayed
 * instead.
 */
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

/** A call needs a tenant, but neither the call nor the options name one. */
export class TenantRequiredError extends ScriptsEventError {
  readonly code = 'tenant-required';

  constructor(call: string) {
    super(
      `${call} needs a tenant: pass { tenantId }, or set events.defaultTenantId in a single-tenant application.`,
    );
  }
}
