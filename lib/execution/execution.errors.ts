import { ScriptsEventError } from '../common/errors.js';

/** The host's own call of `execute` asked for a script that does not run. */
export class ScriptNotRunnableError extends ScriptsEventError {
  readonly code = 'script-not-runnable';

  constructor(scriptId: string, status: string) {
    super(
      `Script ${scriptId} is ${status} and only an active script runs; activate it, or use a test run for a draft.`,
    );
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
