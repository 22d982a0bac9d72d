export { ScriptsEventError } from '../common/errors.js';
export type { ErrorCategory } from '../common/errors.js';
export type { JsonObject, JsonValue } from '../common/json.js';
export { ScriptSandbox } from './script-sandbox.js';
export type { Isolation, ScriptSandboxOptions } from './script-sandbox.js';
export { SandboxLimits, ProcessLimits } from './sandbox.limits.js';
export { SandboxOptionsError, SandboxStartError } from './sandbox.errors.js';
export { SourceChecksFullError } from '../common/source-checks-full.error.js';
export { BindingCallError } from '../common/binding-call.error.js';
export { JsonText } from '../common/json.js';
export type { PublishedEvent } from '../common/event-envelope.js';
export type { CallBinding, SandboxRun, StopSignal } from './sandbox-run.js';
export type {
  CompletedOutcome,
  FailedOutcome,
  FailureKind,
  LogLevel,
  LogLine,
  Outcome,
  RunError,
  RunMetrics,
  SourceProblem,
} from './outcome.js';
export type { Blame, EndReason, SandboxEvent, SandboxListener, SandboxStats } from './sandbox-events.js';
