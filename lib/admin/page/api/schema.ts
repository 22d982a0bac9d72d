// Written by `npm run api:update` from the API as its classes describe it. Do not edit.

/** A problem, as in RFC 9457. */
export interface Problem {
  /** `urn:nestjs-scripts-event:`, followed by the code. */
  type: string;
  /** The status in words. */
  title: string;
  status: number;
  /** What is wrong and what to change. */
  detail: string;
  /** Identifies the problem for programs. It never changes. */
  code: string;
  /** Each invalid field. */
  issues?: readonly (Record<string, unknown>)[];
}

export interface ApplicationFeatures {
  /** Version of this package. */
  version: string;
  /** Whether execution records keep the payload (`storage.keepInput`). */
  keepsInput: boolean;
  /** Whether the event buffer can run events in order. */
  keepsOrder: boolean;
  /** Whether there is a key for secrets. Without one they are off. */
  keepsSecrets: boolean;
  /** Maximum size of a source in bytes. */
  maxSourceBytes: number;
  /** Default time limit of a run in milliseconds. */
  timeoutMs: number;
  /** Highest time limit that a script may set. null: no maximum. */
  maxTimeoutMs: number | null;
  /** Default heap limit of a run in megabytes. */
  memoryMb: number;
  /** Highest heap limit that a script may set. */
  maxMemoryMb: number;
  /** How many retries a failed event gets before it is exhausted. */
  maxRetries: number;
}

export interface Binding {
  /** Name of the binding. */
  name: string;
  /** What the binding does. */
  description: string | null;
  /** Time limit of a call in milliseconds. */
  timeoutMs: number;
  /** Whether the binding accepts secrets. */
  secrets: boolean;
}

export interface Bindings {
  /** Bindings, sorted by name. */
  items: readonly (Binding)[];
}

export interface Blame {
  /** How many sandbox processes the script has ended. */
  total: number;
  /** The same by kind: `timeout`, `memory` or `crashed`. */
  byKind: Record<string, unknown>;
  /** When it ended the first one. */
  firstAt: string;
  /** When it ended the last one. */
  lastAt: string;
  /** Version that ended the last one. */
  version: number;
}

export interface BoundedCount {
  /** The number, counted up to 1,000. */
  count: number;
  /** Whether there are more than 1,000. */
  more: boolean;
}

export interface BulkResult {
  /** Whether this was a dry run, which changes nothing. */
  dryRun: boolean;
  /** How many dead letters matched when the request began, counted up to 10,000. */
  matched: number;
  /** Whether more than 10,000 matched. */
  more: boolean;
  /** How many dead letters were changed. */
  changed: number;
}

export interface CauseLink {
  /** ID of the event. */
  eventId: string;
  /** ID of its script. */
  scriptId: string;
  /** ID of the execution. */
  executionId: string;
}

export interface CauseRecord {
  /** ID of the event. */
  eventId: string;
  /** ID of the execution. */
  executionId: string;
  /** Its record. null if nothing is stored of it, for example because it has been deleted. */
  execution: ExecutionSummary | null;
}

export interface ClearStoreBody {
  /** A script of the tenant, for its own store. Default: the store that all scripts of the tenant share. */
  scriptId?: string;
  /** Only keys that begin with this text. */
  prefix?: string;
  /** Only count the keys and change nothing. Default: false. */
  dryRun?: boolean;
  /** Maximum number of keys to remove, in their order. Default: 10,000. */
  limit?: number;
}

export interface ClearStoreResult {
  /** Whether this was a dry run, which changes nothing. */
  dryRun: boolean;
  /** How many keys there were when the request began, counted up to 10,000. */
  matched: number;
  /** Whether there were more than 10,000. */
  more: boolean;
  /** How many keys were removed. */
  removed: number;
}

export interface CreateScriptBody {
  /** What the script is for. */
  description?: string | null;
  /** Times at which the script runs without an event. null: none. */
  schedules?: readonly (ScheduleBody)[] | null;
  /** The filter. With null or `{}` the script runs for every event of its types. */
  filters?: Record<string, unknown> | null;
  /** Limits of a run. null: those of the `sandbox` options. */
  limits?: ScriptLimitsDto | null;
  /** Names of the bindings that the script may call. null: none. */
  bindings?: readonly (string)[] | null;
  /** Names of the secrets that the script may use. null: none. */
  secrets?: readonly (string)[] | null;
  /** Maximum number of runs at the same time. null: `buffer.maxRunsPerScript`. */
  maxConcurrency?: number | null;
  /** Maximum number of runs that begin in one minute. null: no limit. */
  runsPerMinute?: number | null;
  /** Path of a payload field. Events with the same value there run one at a time, in order. null: no order. */
  orderingKey?: string | null;
  /** What happens to the events behind an ordered event that fails. `block`: they wait until its dead letter is resolved or discarded. `skip`: they run. */
  onOrderedFailure?: "block" | "skip";
  /** Name of the script, unique among the tenant's scripts that are not archived. */
  name: string;
  /** Event types that the script listens to. */
  eventTypes?: readonly (string)[];
  /** The body of an async function, at most 100 KiB unless the application sets another limit. */
  source: string;
  /** Language of the source. Default: `javascript`. */
  language?: "javascript" | "typescript";
  /** Whether the script listens immediately. Default: false, which makes it a draft. */
  active?: boolean;
}

export interface CreateSecretBody {
  /** What scripts call it: up to 64 letters, digits and `_`. */
  name: string;
  /** The value, 8 to 8,192 characters. No answer ever has it. */
  value: string;
  /** What it is for. */
  description?: string | null;
  /** Hosts that `http.fetch` may send it to: full names, with a port if it isn't the default one of the scheme. */
  hosts?: readonly (string)[];
  /** Bindings that may get its value. */
  bindings?: readonly (string)[];
}

export interface DeadLetter {
  /** ID of the dead letter. */
  id: string;
  /** ID of the tenant. */
  tenantId: string;
  /** ID of the script that it is for. The script may have been deleted since. */
  scriptId: string;
  /** Name of the script. null if it has been deleted. */
  scriptName: string | null;
  /** Version of the script that failed. null if nothing ran. */
  scriptVersion: number | null;
  /** ID of the event. */
  eventId: string;
  /** Type of the event. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string;
  /** Who caused the event, if known. */
  actorId: string | null;
  /** Why the dead letter was created. */
  reason: "failed" | "overflow" | "shutdown" | "loop" | "undecided" | "paused" | "held" | "deleted";
  /** What went wrong. */
  error: string;
  /** Kind of the error. null if nothing ran. */
  errorKind: string | null;
  /** Line of the error in the source, from 1. */
  errorLine: number | null;
  /** `pending`, `retrying` and `exhausted` dead letters are open. */
  status: "pending" | "retrying" | "exhausted" | "resolved" | "discarded";
  /** How many retries have been made. */
  retryCount: number;
  /** How many retries are made before the dead letter is exhausted. */
  maxRetries: number;
  /** When the next retry is due. null unless the dead letter is pending. */
  nextRetryAt: string | null;
  /** How many events the dead letter stands for. */
  eventCount: number;
  /** When an alert was sent for it. */
  alertedAt: string | null;
  /** When it was resolved or discarded. */
  resolvedAt: string | null;
  /** Who resolved or discarded it. */
  resolvedBy: string | null;
  /** Why it was discarded. */
  note: string | null;
  /** When it was created. */
  createdAt: string;
  /** When it last changed. */
  updatedAt: string;
  /** Payload of the event. Absent without the `data` permission. */
  payload?: unknown;
  /** What led to the event. */
  cause: EventCause;
  /** IDs of the other scripts that the dead letter stands for. */
  otherScriptIds: readonly (string)[] | null;
  /** History of the dead letter, oldest entry first. */
  attempts: readonly (DeadLetterAttempt)[];
}

export interface DeadLetterAttempt {
  /** When it happened. */
  at: string;
  /** What happened. An attempt: the kind of its error, the reason why nothing ran, `completed`, `filtered` or `lost`. An action of a person: `requested` or `discarded`. An alert: `alerted` or `alert-failed`. A loop: `stopped`. */
  kind: string;
  /** The same in words. */
  message: string;
  /** Milliseconds that it took. */
  durationMs: number;
  /** What started it. */
  trigger: string;
  /** Who requested or discarded it, or the channel of the alert. */
  by?: string;
  /** ID of the trace with the span of the attempt. Absent if no span was recorded. */
  traceId?: string;
  /** ID of that span. */
  spanId?: string;
}

export interface DeadLetterCounts {
  /** Dead letters that wait for their retry. */
  pending: BoundedCount;
  /** Dead letters that are running. */
  retrying: BoundedCount;
  /** Dead letters that are no longer retried and wait for a person. */
  exhausted: BoundedCount;
  /** Pending dead letters that are kept for disabled and degraded scripts. */
  held: BoundedCount;
  /** When the oldest open dead letter was created. */
  oldestOpenAt: string | null;
}

export interface DeadLetterFilterBody {
  /** Only for this script. */
  scriptId?: string;
  /** Only dead letters with this reason. */
  reason?: "failed" | "overflow" | "shutdown" | "loop" | "undecided" | "paused" | "held" | "deleted";
  /** Only with this kind of error. */
  errorKind?: string;
  /** Only dead letters that failed like this execution: of the same script, kind and line, and with the same message apart from numbers. ID of a failed execution, such as `executionId` of a failure group. Nothing matches if the execution is unknown or no longer stored. */
  failedLike?: string;
  /** Only for events of this type. */
  eventType?: string;
  /** Only for this event. */
  eventId?: string;
  /** Only dead letters created at this time or later. */
  from?: string;
  /** Only dead letters created before this time. */
  to?: string;
  /** Only dead letters with one of these statuses. Default: `exhausted`. */
  status?: readonly ("pending" | "retrying" | "exhausted" | "resolved" | "discarded")[];
}

export interface DeadLetterSummary {
  /** ID of the dead letter. */
  id: string;
  /** ID of the tenant. */
  tenantId: string;
  /** ID of the script that it is for. The script may have been deleted since. */
  scriptId: string;
  /** Name of the script. null if it has been deleted. */
  scriptName: string | null;
  /** Version of the script that failed. null if nothing ran. */
  scriptVersion: number | null;
  /** ID of the event. */
  eventId: string;
  /** Type of the event. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string;
  /** Who caused the event, if known. */
  actorId: string | null;
  /** Why the dead letter was created. */
  reason: "failed" | "overflow" | "shutdown" | "loop" | "undecided" | "paused" | "held" | "deleted";
  /** What went wrong. */
  error: string;
  /** Kind of the error. null if nothing ran. */
  errorKind: string | null;
  /** Line of the error in the source, from 1. */
  errorLine: number | null;
  /** `pending`, `retrying` and `exhausted` dead letters are open. */
  status: "pending" | "retrying" | "exhausted" | "resolved" | "discarded";
  /** How many retries have been made. */
  retryCount: number;
  /** How many retries are made before the dead letter is exhausted. */
  maxRetries: number;
  /** When the next retry is due. null unless the dead letter is pending. */
  nextRetryAt: string | null;
  /** How many events the dead letter stands for. */
  eventCount: number;
  /** When an alert was sent for it. */
  alertedAt: string | null;
  /** When it was resolved or discarded. */
  resolvedAt: string | null;
  /** Who resolved or discarded it. */
  resolvedBy: string | null;
  /** Why it was discarded. */
  note: string | null;
  /** When it was created. */
  createdAt: string;
  /** When it last changed. */
  updatedAt: string;
}

export interface DeadLetterSummaryPage {
  /** The items, in the order of the list. */
  items: readonly (DeadLetterSummary)[];
  /** Pass it as `cursor` to get the next page. null on the last page. */
  nextCursor: string | null;
}

export interface DeletedVariable {
  /** Name of the variable. */
  name: string;
  /** The version that the deletion made. */
  version: number;
  /** Who deleted it. */
  deletedBy: string | null;
  /** When it was deleted. */
  deletedAt: string;
}

export interface DeletedVariables {
  /** Deleted variables, the last deleted first, up to 200. */
  items: readonly (DeletedVariable)[];
}

export interface DisableScriptBody {
  /** Why the script is disabled. Part of the alert. */
  reason: string;
}

export interface DiscardBody {
  /** Why the dead letter is discarded. */
  note: string;
}

export interface DiscardManyBody {
  /** Selects the dead letters. */
  filter: DeadLetterFilterBody;
  /** Only count the dead letters and change nothing. Default: false. */
  dryRun?: boolean;
  /** Maximum number of dead letters to change, oldest first. Default: 1,000. */
  limit?: number;
  /** Why they are discarded. */
  note: string;
}

export interface EventCause {
  /** ID of the first event: the one of the application. */
  rootEventId: string;
  /** Number of executions between the first event and this one; 0 for the first one. */
  depth: number;
  /** How many executions may still follow from the event. */
  budget: number;
  /** These executions, oldest first. */
  chain: readonly (CauseLink)[];
}

export interface EventHistory {
  /** The event. */
  event: EventNode;
  /** Executions that led to the event, oldest first. The last one published it. Empty for an event of the host application. */
  causes: readonly (CauseRecord)[];
  /** Whether there is more than the 500 records, and the 10 levels up and down, that are shown. */
  more: boolean;
}

export interface EventNode {
  /** ID of the event. */
  eventId: string;
  /** Type of the event. */
  eventType: string;
  /** Executions for the event, oldest first. */
  executions: readonly (ExecutionSummary)[];
  /** Dead letters of the event, oldest first. */
  deadLetters: readonly (DeadLetterSummary)[];
  /** Events that these executions published, if anything is stored about them. */
  children: readonly (EventNode)[];
}

export interface EventType {
  /** Name of the event type. */
  type: string;
  /** Whether the type belongs to the catalogue or to the host application. */
  origin: "catalogue" | "host";
  /** Fields of the payload. null if a mapper decides them. */
  fields: readonly (string)[] | null;
}

export interface EventTypes {
  /** Event types, those of the catalogue first. Types that scripts publish are not included. */
  items: readonly (EventType)[];
}

export interface Execution {
  /** ID of the execution. */
  id: string;
  /** ID of the tenant. */
  tenantId: string;
  /** ID of the script that ran. The script may have been deleted since. */
  scriptId: string;
  /** Name of the script. null if it has been deleted. */
  scriptName: string | null;
  /** Version of the script that ran. */
  scriptVersion: number;
  /** ID of the event. */
  eventId: string;
  /** Type of the event. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string | null;
  /** Who caused the event, if known. */
  actorId: string | null;
  /** How many executions led to the event. 0 for an event of the host application. */
  depth: number | null;
  /** ID of the event whose execution published the event. null if no script published it. */
  causeEventId: string | null;
  /** ID of the execution that published the event. It may have been deleted since. null if no script published it. */
  causeExecutionId: string | null;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  /** What started the execution. */
  trigger: "event" | "retry" | "replay" | "manual" | "test";
  /** How the execution ended. */
  status: "completed" | "failed";
  /** Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  errorKind: string | null;
  /** Message of the error. */
  errorMessage: string | null;
  /** Line of the error in the source, from 1. */
  errorLine: number | null;
  /** How many log lines were not kept because of a limit. */
  logsDropped: number;
  /** How many events the script published. */
  publishedEvents: number;
  /** How many binding calls the script made. */
  bindingCalls: number;
  /** Milliseconds from start to end. */
  durationMs: number;
  /** Milliseconds of CPU time. */
  cpuMs: number;
  /** Milliseconds that the event waited in the queue. */
  queueMs: number;
  /** The same for every attempt to run this script for this event. */
  idempotencyKey: string;
  /** ID of the dead letter that was retried or replayed. */
  deadLetterId: string | null;
  /** Who requested the replay. */
  requestedBy: string | null;
  /** ID of the execution that was replayed. */
  replayOf: string | null;
  /** ID of the trace with the span of the execution. null if no span was recorded. */
  traceId: string | null;
  /** ID of that span. */
  spanId: string | null;
  /** When the execution started. */
  startedAt: string;
  /** When the execution ended. */
  finishedAt: string;
  /** Stack trace of the error. Its lines are those of the source. */
  errorStack: string | null;
  /** Payload of the event. null if `storage.keepInput` was off at the time. Absent without the `data` permission. */
  input?: unknown;
  /** Return value of the script. Absent without the `data` permission. */
  result?: unknown;
  /** Log lines of the script. Absent without the `data` permission. */
  logs?: readonly (ExecutionLogLine)[];
}

export interface ExecutionLogLine {
  /** Log level. */
  level: "debug" | "info" | "warn" | "error";
  /** The message. */
  message: string;
  /** What was logged with the message. */
  data?: unknown;
  /** Milliseconds after the start of the run. */
  at?: number;
}

export interface ExecutionSummary {
  /** ID of the execution. */
  id: string;
  /** ID of the tenant. */
  tenantId: string;
  /** ID of the script that ran. The script may have been deleted since. */
  scriptId: string;
  /** Name of the script. null if it has been deleted. */
  scriptName: string | null;
  /** Version of the script that ran. */
  scriptVersion: number;
  /** ID of the event. */
  eventId: string;
  /** Type of the event. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string | null;
  /** Who caused the event, if known. */
  actorId: string | null;
  /** How many executions led to the event. 0 for an event of the host application. */
  depth: number | null;
  /** ID of the event whose execution published the event. null if no script published it. */
  causeEventId: string | null;
  /** ID of the execution that published the event. It may have been deleted since. null if no script published it. */
  causeExecutionId: string | null;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  /** What started the execution. */
  trigger: "event" | "retry" | "replay" | "manual" | "test";
  /** How the execution ended. */
  status: "completed" | "failed";
  /** Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  errorKind: string | null;
  /** Message of the error. */
  errorMessage: string | null;
  /** Line of the error in the source, from 1. */
  errorLine: number | null;
  /** How many log lines were not kept because of a limit. */
  logsDropped: number;
  /** How many events the script published. */
  publishedEvents: number;
  /** How many binding calls the script made. */
  bindingCalls: number;
  /** Milliseconds from start to end. */
  durationMs: number;
  /** Milliseconds of CPU time. */
  cpuMs: number;
  /** Milliseconds that the event waited in the queue. */
  queueMs: number;
  /** The same for every attempt to run this script for this event. */
  idempotencyKey: string;
  /** ID of the dead letter that was retried or replayed. */
  deadLetterId: string | null;
  /** Who requested the replay. */
  requestedBy: string | null;
  /** ID of the execution that was replayed. */
  replayOf: string | null;
  /** ID of the trace with the span of the execution. null if no span was recorded. */
  traceId: string | null;
  /** ID of that span. */
  spanId: string | null;
  /** When the execution started. */
  startedAt: string;
  /** When the execution ended. */
  finishedAt: string;
}

export interface ExecutionSummaryPage {
  /** The items, in the order of the list. */
  items: readonly (ExecutionSummary)[];
  /** Pass it as `cursor` to get the next page. null on the last page. */
  nextCursor: string | null;
}

export interface ExplainFilterBody {
  /** The filter. */
  filters: Record<string, unknown> | null;
  /** The event to check. */
  event: TestEventBody;
}

export interface FailureGroup {
  /** ID of the script. */
  scriptId: string;
  /** Name of the script. null if it has been deleted. */
  scriptName: string | null;
  /** Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  kind: string;
  /** Line of the error in the source, from 1. */
  line: number | null;
  /** Message of the error, with `#` for each number. */
  message: string;
  /** How many failures. */
  count: number;
  /** When the first of these executions began. */
  firstAt: string;
  /** When the last of these executions began. */
  lastAt: string;
  /** Oldest version of the script that failed like this. */
  firstVersion: number;
  /** Newest version of the script that failed like this. */
  lastVersion: number;
  /** ID of the newest of these executions. */
  executionId: string;
}

export interface FailureGroups {
  /** Groups of failures, largest first, at most 200. */
  items: readonly (FailureGroup)[];
  /** Whether there are more groups, or more failures than the newest 5,000, which are grouped. */
  more: boolean;
}

export interface FilterCondition {
  /** Position of the operator in the filter. */
  place: string;
  /** Path of the field. */
  path: string;
  /** The operator. */
  operator: string;
  /** Value of the operator in the filter. */
  expected: unknown;
  /** Value of the field in the event. Absent if the event has none, and without the `data` permission. */
  actual?: unknown;
  /** Whether the event doesn't have this field. */
  missing: boolean;
  /** Whether the condition is met. */
  matched: boolean;
  /** The verdict as a sentence. Absent without the `data` permission. */
  reason?: string;
}

export interface FilterExplanation {
  /** Whether the filter matches the event. */
  matched: boolean;
  /** Whether the filter needs more steps on this event than it may take. */
  undecided?: boolean;
  /** The verdict in one sentence. Absent without the `data` permission. */
  summary?: string;
  /** Every condition, in the order of the filter. */
  conditions: readonly (FilterCondition)[];
  /** Every `and`, `or` and `not`, in the order of the filter. */
  groups: readonly (FilterGroup)[];
}

export interface FilterGroup {
  /** Position of the operator in the filter. */
  place: string;
  /** The operator. */
  operator: "and" | "or" | "not";
  /** Whether the group is met. */
  matched: boolean;
  /** The verdict as a sentence. */
  reason: string;
}

export interface FilterVerdict {
  /** The event. */
  event: TestedEvent;
  /** Whether the filter matches the event, and why. */
  filter: FilterExplanation;
}

export interface Health {
  /** ID of the responding process. It changes when the process restarts. */
  node: string;
  /** The worst status of the parts that matter. */
  status: "up" | "degraded" | "down";
  /** Which parts are not up, worst first. */
  summary: string;
  /** The parts by name, each with `status`, `reason` and `figures`. */
  components: Record<string, unknown>;
  /** When the health was checked. */
  checkedAt: string;
}

export interface HealthWindow {
  /** When the first failure that counts happened. */
  startedAt: string;
  /** Executions since then, in the processes that have seen the script fail. */
  runs: number;
  /** Failures since then. */
  failures: number;
  /** Failures since then, by kind of error. */
  failuresByKind: Record<string, unknown>;
  /** Failures since then that ended the sandbox process. */
  endedProcesses: number;
}

export interface LastFailure {
  /** When it happened. */
  at: string;
  /** Version of the script that failed. */
  version: number;
  /** Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected` or `crashed`. */
  kind: string;
  /** Message of the error, up to 500 characters. */
  message: string;
  /** ID of the execution. */
  executionId: string;
}

export interface ListedSecret {
  /** What scripts call it. */
  name: string;
  /** 1 for the first value, one more for each replacement. */
  version: number;
  /** What it is for. */
  description: string | null;
  /** Hosts that `http.fetch` may send it to: full names, with a port if it isn't the default one of the scheme. */
  hosts: readonly (string)[];
  /** Bindings that may get its value. */
  bindings: readonly (string)[];
  /** Who made it. */
  createdBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** Who last changed the secret. */
  updatedBy: string | null;
  /** When it was changed last. */
  updatedAt: string;
  /** Who set the current value. */
  valueSetBy: string | null;
  /** When the current value was set. */
  valueSetAt: string;
  /** When a script last used it, to the minute. null: never. */
  lastUsedAt: string | null;
  /** How many scripts name it in their `secrets`; `GET scripts?secret=` lists them. */
  scripts: number;
}

export interface PauseScriptBody {
  /** Why the script is paused. Shown next to its status. */
  reason?: string;
}

export interface PreviewSchedulesBody {
  /** Schedules in the form of a script. */
  schedules: readonly (ScheduleBody)[];
}

export interface PublishedEvent {
  /** Type of the event. */
  type: string;
  /** Payload of the event. */
  payload: unknown;
}

export interface ReplayManyBody {
  /** Selects the dead letters. */
  filter: DeadLetterFilterBody;
  /** Only count the dead letters and change nothing. Default: false. */
  dryRun?: boolean;
  /** Maximum number of dead letters to change, oldest first. Default: 1,000. */
  limit?: number;
}

export interface ReplayedExecution {
  /** ID of the new execution and of its record. */
  executionId: string;
  /** ID of the script that ran. The script may have been deleted since. */
  scriptId: string;
  /** Version of the script that ran. */
  scriptVersion: number;
  /** How the execution ended. */
  status: "completed" | "failed";
  /** Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  errorKind: string | null;
  /** Message of the error. */
  errorMessage: string | null;
  /** Line of the error in the source, from 1. */
  errorLine: number | null;
  /** Milliseconds from start to end. */
  durationMs: number;
}

export interface ResumeScriptBody {
  /** What happens to events that arrived or failed in the meantime. `held` (default): the kept events run. `failed`: dead letters that were exhausted since then run too. `none`: the kept events are discarded. */
  replay?: "held" | "failed" | "none";
}

export interface RevertScriptBody {
  /** The version whose source becomes the newest version. */
  version: number;
}

export interface RunningExecution {
  /** ID of the execution, and of its record once it has ended. */
  executionId: string;
  /** ID of the tenant. */
  tenantId: string;
  /** ID of the script that is running. */
  scriptId: string;
  /** Name of the script. */
  scriptName: string;
  /** Version of the script that is running. */
  scriptVersion: number;
  /** ID of the event. */
  eventId: string;
  /** Type of the event. */
  eventType: string;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  /** When the execution started. */
  startedAt: string;
}

export interface RunningExecutionOfNode {
  /** ID of the execution, and of its record once it has ended. */
  executionId: string;
  /** ID of the tenant. */
  tenantId: string;
  /** ID of the script that is running. */
  scriptId: string;
  /** Name of the script. */
  scriptName: string;
  /** Version of the script that is running. */
  scriptVersion: number;
  /** ID of the event. */
  eventId: string;
  /** Type of the event. */
  eventType: string;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  /** When the execution started. */
  startedAt: string;
  /** Names the process that answered, until it ends. */
  node: string;
}

export interface RunningExecutions {
  /** ID of the responding process. It changes when the process restarts. */
  node: string;
  /** Running executions, oldest first. */
  items: readonly (RunningExecution)[];
}

export interface SavedScript {
  /** ID of the script. */
  id: string;
  /** ID of the tenant. */
  tenantId: string;
  /** Name of the script, unique among the tenant's scripts that are not archived. */
  name: string;
  /** What the script is for. */
  description: string | null;
  /** Event types that the script listens to. */
  eventTypes: readonly (string)[];
  /** Only active scripts run. Events for a disabled script are kept. */
  status: "draft" | "active" | "paused" | "disabled" | "archived";
  /** Why the script is paused, disabled or degraded. */
  statusReason: string | null;
  /** Whether the script fails too often and so runs one event at a time. */
  degraded: boolean;
  /** Current version of the source. */
  version: number;
  /** Who created the script. */
  createdBy: string | null;
  /** Who last changed the script. */
  updatedBy: string | null;
  /** When the script was created. */
  createdAt: string;
  /** When the script last changed. */
  updatedAt: string;
  /** Changes with every change of the script. The `ETag` header has the same value in quotes. */
  revision: string;
  /** Times at which it runs without an event. */
  schedules: readonly (Schedule)[] | null;
  /** The filter as its author wrote it. null: the script runs for every event of its types. */
  filters: Record<string, unknown> | null;
  /** Limits of a run. null: those of the `sandbox` options. */
  limits: ScriptLimitsDto | null;
  /** Names of the bindings that the script may call. null: none. */
  bindings: readonly (string)[] | null;
  /** Names of the secrets that the script may use. null: none. */
  secrets: readonly (string)[] | null;
  /** Maximum number of runs at the same time. null: `buffer.maxRunsPerScript`. */
  maxConcurrency: number | null;
  /** Maximum number of runs that begin in one minute. null: no limit. */
  runsPerMinute: number | null;
  /** Path of a payload field. Events with the same value there run one at a time, in order. null: no order. */
  orderingKey: string | null;
  /** What happens to the events behind an ordered event that fails. `block`: they wait until its dead letter is resolved or discarded. `skip`: they run. */
  onOrderedFailure: "block" | "skip";
  /** Source of the current version. */
  source: string;
  /** Language of the current version. */
  language: "javascript" | "typescript";
  /** What is probably wrong: no event can match the filter, the event types don't have a field that the filter uses, or the source reads a secret or variable that doesn't exist. */
  warnings: readonly (string)[];
}

export interface Schedule {
  /** Minute, hour, day of the month, month, day of the week; or seconds first. */
  cron: string;
  /** A time zone of the IANA database. */
  timezone: string;
  /** What happens to times that were missed. `one`: one run for all of them. `none`: no run. */
  catchUp: "one" | "none";
  /** What happens to a time that comes while the previous run is in progress. `skip`: it is left out. `queue`: it waits for the end of the run. */
  overlap: "skip" | "queue";
  /** `ctx.input.payload` of its runs. */
  payload: unknown;
}

export interface ScheduleBody {
  /** Minute, hour, day of the month, month, day of the week; or seconds first. */
  cron: string;
  /** A time zone of the IANA database. Default `UTC`. */
  timezone?: string;
  /** What happens to times that were missed. `one`: one run for all of them. `none`: no run. Default `one`. */
  catchUp?: "one" | "none";
  /** What happens to a time that comes while the previous run is in progress. `skip`: it is left out. `queue`: it waits for the end of the run. Default `skip`. */
  overlap?: "skip" | "queue";
  /** `ctx.input.payload` of its runs. Default null. */
  payload?: unknown;
}

export interface SchedulePreview {
  /** In the order of the request. */
  items: readonly (UpcomingTimes)[];
}

export interface ScheduleState {
  /** Minute, hour, day of the month, month, day of the week; or seconds first. */
  cron: string;
  /** A time zone of the IANA database. */
  timezone: string;
  /** What happens to times that were missed. `one`: one run for all of them. `none`: no run. */
  catchUp: "one" | "none";
  /** What happens to a time that comes while the previous run is in progress. `skip`: it is left out. `queue`: it waits for the end of the run. */
  overlap: "skip" | "queue";
  /** `ctx.input.payload` of its runs. */
  payload: unknown;
  /** The next five; none while the script is not active. */
  nextTimes: readonly (string)[];
  /** The time that its last run was for. */
  lastTime: string | null;
  /** The event of that run, while it waits or runs. */
  openEventId: string | null;
}

export interface ScheduleStates {
  /** None when it has none. */
  items: readonly (ScheduleState)[];
}

export interface Script {
  /** ID of the script. */
  id: string;
  /** ID of the tenant. */
  tenantId: string;
  /** Name of the script, unique among the tenant's scripts that are not archived. */
  name: string;
  /** What the script is for. */
  description: string | null;
  /** Event types that the script listens to. */
  eventTypes: readonly (string)[];
  /** Only active scripts run. Events for a disabled script are kept. */
  status: "draft" | "active" | "paused" | "disabled" | "archived";
  /** Why the script is paused, disabled or degraded. */
  statusReason: string | null;
  /** Whether the script fails too often and so runs one event at a time. */
  degraded: boolean;
  /** Current version of the source. */
  version: number;
  /** Who created the script. */
  createdBy: string | null;
  /** Who last changed the script. */
  updatedBy: string | null;
  /** When the script was created. */
  createdAt: string;
  /** When the script last changed. */
  updatedAt: string;
  /** Changes with every change of the script. The `ETag` header has the same value in quotes. */
  revision: string;
  /** Times at which it runs without an event. */
  schedules: readonly (Schedule)[] | null;
  /** The filter as its author wrote it. null: the script runs for every event of its types. */
  filters: Record<string, unknown> | null;
  /** Limits of a run. null: those of the `sandbox` options. */
  limits: ScriptLimitsDto | null;
  /** Names of the bindings that the script may call. null: none. */
  bindings: readonly (string)[] | null;
  /** Names of the secrets that the script may use. null: none. */
  secrets: readonly (string)[] | null;
  /** Maximum number of runs at the same time. null: `buffer.maxRunsPerScript`. */
  maxConcurrency: number | null;
  /** Maximum number of runs that begin in one minute. null: no limit. */
  runsPerMinute: number | null;
  /** Path of a payload field. Events with the same value there run one at a time, in order. null: no order. */
  orderingKey: string | null;
  /** What happens to the events behind an ordered event that fails. `block`: they wait until its dead letter is resolved or discarded. `skip`: they run. */
  onOrderedFailure: "block" | "skip";
  /** Source of the current version. */
  source: string;
  /** Language of the current version. */
  language: "javascript" | "typescript";
}

export interface ScriptDeletion {
  /** How many open dead letters were discarded. Each has a note that says why. */
  discardedDeadLetters: number;
}

export interface ScriptDiff {
  /** The version compared with. */
  from: number;
  /** The version asked for. */
  to: number;
  /** How many lines were added. */
  added: number;
  /** How many lines were removed. */
  removed: number;
  /** All lines of both sources, in order. */
  lines: readonly (ScriptDiffLine)[];
}

export interface ScriptDiffLine {
  /** Where the line is: in both versions, or in one. */
  kind: "same" | "removed" | "added";
  /** Number in the earlier source, from 1. null if it was added. */
  before: number | null;
  /** Number in the later source, from 1. null if it was removed. */
  after: number | null;
  /** The line. */
  text: string;
}

export interface ScriptHealth {
  /** ID of the script. */
  scriptId: string;
  /** ID of the tenant. */
  tenantId: string;
  /** Name of the script. */
  scriptName: string;
  /** Current version of the script. */
  version: number;
  /** `degraded`: the script runs one event at a time. `disabled`: it doesn't run, and its events are kept. */
  state: "healthy" | "degraded" | "disabled";
  /** Why the script is degraded or disabled. */
  reason: string | null;
  /** When the state last changed. */
  changedAt: string | null;
  /** Who changed the state. `scripts-event`: the breaker. */
  changedBy: string | null;
  /** Failures that count against the current version. null: nothing. */
  window: HealthWindow | null;
  /** The last failure of any version. */
  lastFailure: LastFailure | null;
  /** Sandbox processes that the script has ever ended. null: none. */
  blame: Blame | null;
  /** How many dead letters wait for the script, counted up to `breaker.maxHeld`. */
  waiting: number;
  /** How many events were lost since the script was disabled, because `breaker.maxHeld` were already waiting. */
  noRoom: number;
}

export interface ScriptHealthPage {
  /** The items, in the order of the list. */
  items: readonly (ScriptHealth)[];
  /** Pass it as `cursor` to get the next page. null on the last page. */
  nextCursor: string | null;
}

export interface ScriptLimitsDto {
  /** Maximum duration of a run in milliseconds. */
  timeoutMs?: number;
  /** Maximum heap of a run in megabytes. */
  memoryMb?: number;
}

export interface ScriptResumption {
  /** The script as it is now. */
  script: ScriptSummary;
  /** How many dead letters run now. */
  replayed: number;
  /** How many of these were kept for the script. */
  held: number;
  /** How many of these were waiting for a retry. */
  retries: number;
  /** How many of these were exhausted. */
  exhausted: number;
  /** How many dead letters that were kept for the script are now discarded. */
  discarded: number;
}

export interface ScriptSummary {
  /** ID of the script. */
  id: string;
  /** ID of the tenant. */
  tenantId: string;
  /** Name of the script, unique among the tenant's scripts that are not archived. */
  name: string;
  /** What the script is for. */
  description: string | null;
  /** Event types that the script listens to. */
  eventTypes: readonly (string)[];
  /** Only active scripts run. Events for a disabled script are kept. */
  status: "draft" | "active" | "paused" | "disabled" | "archived";
  /** Why the script is paused, disabled or degraded. */
  statusReason: string | null;
  /** Whether the script fails too often and so runs one event at a time. */
  degraded: boolean;
  /** Current version of the source. */
  version: number;
  /** Who created the script. */
  createdBy: string | null;
  /** Who last changed the script. */
  updatedBy: string | null;
  /** When the script was created. */
  createdAt: string;
  /** When the script last changed. */
  updatedAt: string;
  /** Changes with every change of the script. The `ETag` header has the same value in quotes. */
  revision: string;
}

export interface ScriptSummaryPage {
  /** The items, in the order of the list. */
  items: readonly (ScriptSummary)[];
  /** Pass it as `cursor` to get the next page. null on the last page. */
  nextCursor: string | null;
}

export interface ScriptVersion {
  /** 1 for the first version, one more for each change of the source. */
  version: number;
  /** Language of the source. */
  language: "javascript" | "typescript";
  /** SHA-256 of the source in hexadecimal. */
  checksum: string;
  /** Who saved this version. */
  createdBy: string | null;
  /** When this version was saved. */
  createdAt: string;
  /** The source. It never changes. */
  source: string;
}

export interface ScriptVersionSummary {
  /** 1 for the first version, one more for each change of the source. */
  version: number;
  /** Language of the source. */
  language: "javascript" | "typescript";
  /** SHA-256 of the source in hexadecimal. */
  checksum: string;
  /** Who saved this version. */
  createdBy: string | null;
  /** When this version was saved. */
  createdAt: string;
}

export interface ScriptVersionSummaryPage {
  /** The items, in the order of the list. */
  items: readonly (ScriptVersionSummary)[];
  /** Pass it as `cursor` to get the next page. null on the last page. */
  nextCursor: string | null;
}

export interface Secret {
  /** What scripts call it. */
  name: string;
  /** 1 for the first value, one more for each replacement. */
  version: number;
  /** What it is for. */
  description: string | null;
  /** Hosts that `http.fetch` may send it to: full names, with a port if it isn't the default one of the scheme. */
  hosts: readonly (string)[];
  /** Bindings that may get its value. */
  bindings: readonly (string)[];
  /** Who made it. */
  createdBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** Who last changed the secret. */
  updatedBy: string | null;
  /** When it was changed last. */
  updatedAt: string;
  /** Who set the current value. */
  valueSetBy: string | null;
  /** When the current value was set. */
  valueSetAt: string;
  /** When a script last used it, to the minute. null: never. */
  lastUsedAt: string | null;
}

export interface Secrets {
  /** By name. */
  items: readonly (ListedSecret)[];
}

export interface Session {
  /** The user. */
  actor: SessionActor;
  /** Whether the user may see every tenant. */
  allTenants: boolean;
  /** IDs of the tenants that the user may see. null: all. */
  tenants: readonly (string)[] | null;
  /** ID of the tenant that a request is about if it names none. */
  onlyTenant: string | null;
  /** What the user may do. */
  permissions: readonly ("read" | "data" | "write" | "operate")[];
  /** What the application offers to scripts. */
  application: ApplicationFeatures;
}

export interface SessionActor {
  /** ID of the user, stored with everything they do. */
  id: string;
  /** Name of the user. */
  name: string | null;
}

export interface SetVariableBody {
  /** Any JSON value of up to 16 KiB. */
  value: unknown;
}

export interface SetVariablesBody {
  /** 1 to 100 values by name, each a JSON value of up to 16 KiB. All are set, or none. */
  values: Record<string, unknown>;
  /** Versions that the changes are based on, by name. 412 if somebody else has changed one since. A variable without a version, or with 0, must be new. */
  baseVersions?: Record<string, unknown>;
}

export interface Statistics {
  /** Buckets, oldest first. Those without executions are left out. */
  items: readonly (StatisticsBucket)[];
}

export interface StatisticsBucket {
  /** When the bucket begins. */
  at: string;
  /** How many executions completed. */
  completed: number;
  /** How many executions failed. */
  failed: number;
  /** Mean duration of an execution in milliseconds. */
  meanDurationMs: number;
  /** Mean time that an event waited in the queue, in milliseconds. */
  meanQueueMs: number;
}

export interface StoreEntry {
  /** The key. */
  key: string;
  /** ID of the script that owns the store. null: the store that all scripts share. */
  scriptId: string | null;
  /** Bytes of key and value as JSON. */
  bytes: number;
  /** When the key expires. null: it does not expire. */
  expiresAt: string | null;
  /** ID of the execution that last wrote it. null: the application wrote it. */
  executionId: string | null;
  /** Who wrote it through the application. */
  updatedBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** When it was last written. */
  updatedAt: string;
  /** Any JSON value. */
  value: unknown;
}

export interface StoreKey {
  /** The key. */
  key: string;
  /** ID of the script that owns the store. null: the store that all scripts share. */
  scriptId: string | null;
  /** Bytes of key and value as JSON. */
  bytes: number;
  /** When the key expires. null: it does not expire. */
  expiresAt: string | null;
  /** ID of the execution that last wrote it. null: the application wrote it. */
  executionId: string | null;
  /** Who wrote it through the application. */
  updatedBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** When it was last written. */
  updatedAt: string;
}

export interface StoreKeyPage {
  /** The items, in the order of the list. */
  items: readonly (StoreKey)[];
  /** Pass it as `cursor` to get the next page. null on the last page. */
  nextCursor: string | null;
}

export interface StoreSize {
  /** ID of the script that owns the store. null: the store that all scripts share. */
  scriptId: string | null;
  /** Name of the script. null for the shared store. */
  scriptName: string | null;
  /** How many keys it has. */
  keys: number;
  /** Bytes of keys and values as JSON. */
  bytes: number;
}

export interface StoreUsage {
  /** How many keys the tenant has. */
  keys: number;
  /** Bytes of keys and values as JSON. */
  bytes: number;
  /** How many keys the tenant may have (`limits.tenantStoreKeys`). */
  maxKeys: number;
  /** How many bytes the tenant may have (`limits.tenantStoreBytes`). */
  maxBytes: number;
  /** The shared store and those of scripts, up to 200, largest first. */
  items: readonly (StoreSize)[];
  /** Whether there are more stores or more than 100,000 keys, so that `items` does not count everything. */
  more: boolean;
}

export interface Tenant {
  /** ID of the tenant. */
  tenantId: string;
  /** Whether a script is degraded or disabled, or a dead letter is exhausted. */
  trouble: boolean;
  /** How many scripts are active. */
  activeScripts: number;
  /** How many scripts are degraded or disabled. */
  unwellScripts: number;
  /** How many dead letters are exhausted, counted up to 1,000; 1,001 means more. */
  exhausted: number;
  /** How many executions failed in the last 24 hours, counted up to 1,000; 1,001 means more. */
  failedToday: number;
}

export interface TenantPage {
  /** The items, in the order of the list. */
  items: readonly (Tenant)[];
  /** Pass it as `cursor` to get the next page. null on the last page. */
  nextCursor: string | null;
}

export interface TestEventBody {
  /** Type of a made-up event. */
  type?: string;
  /** Payload of the made-up event. */
  input?: Record<string, unknown>;
  /** ID of a dead letter whose event to use. */
  deadLetterId?: string;
  /** ID of an execution whose event to use. `storage.keepInput` must have been on at the time. */
  executionId?: string;
}

export interface TestRun {
  /** How the run ended. */
  status: "completed" | "failed";
  /** ID of the run's record. null if the source is not saved. */
  executionId: string | null;
  /** Version of the script that ran. 0 for a source that is not saved. */
  version: number;
  /** The event as the script saw it. */
  event: TestedEvent;
  /** Whether an event like this one would run the script. */
  routing: TestRunRouting;
  /** Return value of the script. Absent if it failed, and without the `data` permission. */
  result?: unknown;
  /** Why the script failed. */
  error?: TestRunError;
  /** Log lines of the script. Absent without the `data` permission. */
  logs?: readonly (ExecutionLogLine)[];
  /** Events that the script would have published. Absent without the `data` permission. */
  published?: readonly (PublishedEvent)[];
  /** Resources that the run used. */
  metrics: TestRunMetrics;
}

export interface TestRunBody {
  /** ID of a saved script. It supplies the fields that are left out below. */
  scriptId?: string;
  /** A source that isn't saved. Required without `scriptId`. */
  source?: string;
  /** Language of the source. Default: that of the script, or `javascript`. */
  language?: "javascript" | "typescript";
  /** Event types that the script would listen to. */
  eventTypes?: readonly (string)[];
  /** Its schedules. */
  schedules?: readonly (ScheduleBody)[] | null;
  /** The filter. */
  filters?: Record<string, unknown> | null;
  /** Names of the bindings that the script may call. */
  bindings?: readonly (string)[] | null;
  /** Names of the secrets that the script may use. */
  secrets?: readonly (string)[] | null;
  /** Limits of the run. */
  limits?: ScriptLimitsDto | null;
  /** The event to run the script for. */
  event: TestEventBody;
  /** Whether bindings are really called, with all their effects. Needs the `operate` permission. Default: false; a call rejects with the code `test-run`. */
  callBindings?: boolean;
  /** Whether the values of secrets are really used. Needs the `operate` permission. Default: false; a call with a secret rejects with the code `test-run`. */
  useSecrets?: boolean;
  /** Names of bindings that are really called, in place of all. Needs the `operate` permission. */
  realBindings?: readonly (string)[];
  /** Stand-ins by the name of the binding: `{ input?, answer }` or `{ input?, error: { code, message? } }`, or a list of them, of which the first one that fits the input answers. */
  standIns?: Record<string, unknown>;
}

export interface TestRunError {
  /** Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  kind: string;
  /** Message of the error. */
  message: string;
  /** Name of the error. */
  name?: string;
  /** Stack trace of the error. Its lines are those of the source. */
  stack?: string;
  /** Line of the error in the source, from 1. */
  line?: number;
  /** False after `throw new NonRetryableError()`. */
  retryable?: boolean;
  /** Milliseconds requested with `throw new RetryAfterError(ms)`. */
  retryAfterMs?: number;
}

export interface TestRunMetrics {
  /** Milliseconds from start to end, with fractions. */
  durationMs: number;
  /** Milliseconds of CPU time, with fractions. */
  cpuMs: number;
  /** How many binding calls the script made. */
  bindingCalls: number;
  /** How many log lines are not in `logs` because of a limit. */
  logsDropped: number;
}

export interface TestRunRouting {
  /** Whether an event like this one would run the script. */
  wouldRun: boolean;
  /** Why it would not. Absent without the `data` permission. */
  reasons?: readonly (string)[];
  /** What is probably wrong with the filter, and which secrets and variables the source reads that don't exist. Absent without the `data` permission. */
  warnings?: readonly (string)[];
  /** Whether the filter matches the event, and why. */
  filter: FilterExplanation;
}

export interface TestedEvent {
  /** ID of the event. */
  id: string;
  /** Type of the event. */
  type: string;
  /** Payload of the event. Absent without the `data` permission. */
  input?: unknown;
  /** Fields of a made-up payload that events of this type don't have. */
  ignoredFields: readonly (string)[];
}

export interface UpcomingTimes {
  /** Minute, hour, day of the month, month, day of the week; or seconds first. */
  cron: string;
  /** A time zone of the IANA database. */
  timezone: string;
  /** What happens to times that were missed. `one`: one run for all of them. `none`: no run. */
  catchUp: "one" | "none";
  /** What happens to a time that comes while the previous run is in progress. `skip`: it is left out. `queue`: it waits for the end of the run. */
  overlap: "skip" | "queue";
  /** `ctx.input.payload` of its runs. */
  payload: unknown;
  /** The next five; none while the script is not active. */
  nextTimes: readonly (string)[];
}

export interface UpdateScriptBody {
  /** What the script is for. */
  description?: string | null;
  /** Times at which the script runs without an event. null: none. */
  schedules?: readonly (ScheduleBody)[] | null;
  /** The filter. With null or `{}` the script runs for every event of its types. */
  filters?: Record<string, unknown> | null;
  /** Limits of a run. null: those of the `sandbox` options. */
  limits?: ScriptLimitsDto | null;
  /** Names of the bindings that the script may call. null: none. */
  bindings?: readonly (string)[] | null;
  /** Names of the secrets that the script may use. null: none. */
  secrets?: readonly (string)[] | null;
  /** Maximum number of runs at the same time. null: `buffer.maxRunsPerScript`. */
  maxConcurrency?: number | null;
  /** Maximum number of runs that begin in one minute. null: no limit. */
  runsPerMinute?: number | null;
  /** Path of a payload field. Events with the same value there run one at a time, in order. null: no order. */
  orderingKey?: string | null;
  /** What happens to the events behind an ordered event that fails. `block`: they wait until its dead letter is resolved or discarded. `skip`: they run. */
  onOrderedFailure?: "block" | "skip";
  /** Name of the script, unique among the tenant's scripts that are not archived. */
  name?: string;
  /** Event types that the script listens to. */
  eventTypes?: readonly (string)[];
  /** A source that differs from the current one becomes the next version. */
  source?: string;
  /** Language of the source. Default: that of the current version. */
  language?: "javascript" | "typescript";
}

export interface UpdateSecretBody {
  /** A value that replaces the one it has. No answer ever has it. */
  value?: string;
  /** What it is for. */
  description?: string | null;
  /** Hosts that `http.fetch` may send it to: full names, with a port if it isn't the default one of the scheme. */
  hosts?: readonly (string)[];
  /** Bindings that may get its value. */
  bindings?: readonly (string)[];
}

export interface Variable {
  /** What scripts call it. */
  name: string;
  /** Its value. */
  value: unknown;
  /** 1 for the first value, one more for each change. */
  version: number;
  /** Who made it. */
  createdBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** Who changed it last. */
  updatedBy: string | null;
  /** When it was changed last. */
  updatedAt: string;
}

export interface VariableVersion {
  /** Number of the version. */
  version: number;
  /** The value. Absent if this change deleted the variable. */
  value?: unknown;
  /** Whether this change deleted it. */
  deleted: boolean;
  /** Who changed it. */
  changedBy: string | null;
  /** When it was changed. */
  changedAt: string;
}

export interface VariableVersions {
  /** Versions, newest first, up to 100. */
  items: readonly (VariableVersion)[];
}

export interface Variables {
  /** By name. */
  items: readonly (Variable)[];
}
