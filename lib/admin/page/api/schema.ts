// Written by `npm run api:update` from the API as its classes describe it. Do not edit.

/** What is wrong, RFC 9457. */
export interface Problem {
  /** `urn:nestjs-scripts-event:` and the code. */
  type: string;
  /** The status in words. */
  title: string;
  status: number;
  /** What is wrong and what to change. */
  detail: string;
  /** Stable, for programs. */
  code: string;
  /** Each problem by itself. */
  issues?: readonly (Record<string, unknown>)[];
}

export interface ApplicationFeatures {
  /** The version of the package. */
  version: string;
  /** Whether executions keep their payload. */
  keepsInput: boolean;
  /** Whether events can be ordered. */
  keepsOrder: boolean;
  /** Most bytes of a source. */
  maxSourceBytes: number;
  /** Milliseconds a run may take by default. */
  timeoutMs: number;
  /** The most that a script may ask for. */
  maxTimeoutMs: number | null;
  /** Megabytes of heap by default. */
  memoryMb: number;
  /** The most that a script may ask for. */
  maxMemoryMb: number;
  /** Retries of a failed event before it is exhausted. */
  maxRetries: number;
}

export interface Binding {
  /** Its dotted name. */
  name: string;
  /** What it does. */
  description: string | null;
  /** Milliseconds a call may take. */
  timeoutMs: number;
}

export interface Bindings {
  /** Sorted by name. */
  items: readonly (Binding)[];
}

export interface Blame {
  /** How many. */
  total: number;
  /** By `timeout`, `memory` or `crashed`. */
  byKind: Record<string, unknown>;
  /** The first. */
  firstAt: string;
  /** The last. */
  lastAt: string;
  /** The version that did so last. */
  version: number;
}

export interface BoundedCount {
  /** At most 1,000. */
  count: number;
  /** Whether there are more. */
  more: boolean;
}

export interface BulkResult {
  /** Whether nothing was touched. */
  dryRun: boolean;
  /** How many it concerned when it began, counted up to 10,000. */
  matched: number;
  /** Whether there are more than were counted. */
  more: boolean;
  /** How many it changed. */
  changed: number;
}

export interface CreateScriptBody {
  /** What it is for. */
  description?: string | null;
  /** A filter; null or {} lets every event of the types through. */
  filters?: Record<string, unknown> | null;
  /** What a run may use, instead of the sandbox's own limits. */
  limits?: ScriptLimitsDto | null;
  /** Names of the bindings it may call; null means none. */
  bindings?: readonly (string)[] | null;
  /** Runs at the same time; null means the buffer's own limit. */
  maxConcurrency?: number | null;
  /** Runs that begin in one minute; null means no limit. */
  runsPerMinute?: number | null;
  /** Path of the payload's field by which events are ordered; null means none. */
  orderingKey?: string | null;
  /** What a failure of an ordered event does to those behind it. */
  onOrderedFailure?: "block" | "skip";
  /** Unique among the tenant's scripts that are not archived. */
  name: string;
  /** What it listens to. */
  eventTypes: readonly (string)[];
  /** The body of an async function, up to 100 KiB. */
  source: string;
  /** Default `javascript`. */
  language?: "javascript" | "typescript";
  /** Whether it listens at once; default false, as a draft. */
  active?: boolean;
}

export interface DeadLetter {
  /** Its id. */
  id: string;
  /** Whose it is. */
  tenantId: string;
  /** The script that it is for; it may be deleted since. */
  scriptId: string;
  /** The version that failed; null when nothing ran. */
  scriptVersion: number | null;
  /** The event's id. */
  eventId: string;
  /** The event's type. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string;
  /** Who caused the event. */
  actorId: string | null;
  /** Why it was made. */
  reason: "failed" | "overflow" | "shutdown" | "loop" | "undecided" | "paused" | "held" | "deleted";
  /** What went wrong. */
  error: string;
  /** The kind of the error. */
  errorKind: string | null;
  /** `pending`, `retrying` and `exhausted` are open. */
  status: "pending" | "retrying" | "exhausted" | "resolved" | "discarded";
  /** Retries so far. */
  retryCount: number;
  /** Retries before it is exhausted. */
  maxRetries: number;
  /** When it is tried next; set while it is pending. */
  nextRetryAt: string | null;
  /** Events that it stands for. */
  eventCount: number;
  /** When somebody was alerted of it. */
  alertedAt: string | null;
  /** When it was closed. */
  resolvedAt: string | null;
  /** Who closed it. */
  resolvedBy: string | null;
  /** Why it was discarded. */
  note: string | null;
  /** When it was made. */
  createdAt: string;
  /** When it changed last. */
  updatedAt: string;
  /** The event's payload. Absent without the permission `data`. */
  payload?: unknown;
  /** How the event came about: the chain of executions that led to it. */
  cause: Record<string, unknown>;
  /** The further scripts that it stands for. */
  otherScriptIds: readonly (string)[] | null;
  /** Its history, oldest first. */
  attempts: readonly (DeadLetterAttempt)[];
}

export interface DeadLetterAttempt {
  /** When. */
  at: string;
  /** The kind of the error, `completed`, or what a person or the alerting did. */
  kind: string;
  /** In words. */
  message: string;
  /** Milliseconds it took. */
  durationMs: number;
  /** What asked for it. */
  trigger: string;
  /** Who asked for it. */
  by?: string;
}

export interface DeadLetterCounts {
  /** Wait for their retry. */
  pending: BoundedCount;
  /** Run now. */
  retrying: BoundedCount;
  /** Wait for a person. */
  exhausted: BoundedCount;
  /** Of the pending ones, kept for disabled and degraded scripts. */
  held: BoundedCount;
  /** When the oldest open one was made. */
  oldestOpenAt: string | null;
}

export interface DeadLetterFilterBody {
  /** Only of this script. */
  scriptId?: string;
  /** Only those that were made for this reason. */
  reason?: "failed" | "overflow" | "shutdown" | "loop" | "undecided" | "paused" | "held" | "deleted";
  /** Only failures of this kind. */
  errorKind?: string;
  /** Only of this event type. */
  eventType?: string;
  /** Only of this event. */
  eventId?: string;
  /** Made at this moment or later. */
  from?: string;
  /** Made before this moment. */
  to?: string;
  /** Only these statuses; default `exhausted`. */
  status?: readonly ("pending" | "retrying" | "exhausted" | "resolved" | "discarded")[];
}

export interface DeadLetterSummary {
  /** Its id. */
  id: string;
  /** Whose it is. */
  tenantId: string;
  /** The script that it is for; it may be deleted since. */
  scriptId: string;
  /** The version that failed; null when nothing ran. */
  scriptVersion: number | null;
  /** The event's id. */
  eventId: string;
  /** The event's type. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string;
  /** Who caused the event. */
  actorId: string | null;
  /** Why it was made. */
  reason: "failed" | "overflow" | "shutdown" | "loop" | "undecided" | "paused" | "held" | "deleted";
  /** What went wrong. */
  error: string;
  /** The kind of the error. */
  errorKind: string | null;
  /** `pending`, `retrying` and `exhausted` are open. */
  status: "pending" | "retrying" | "exhausted" | "resolved" | "discarded";
  /** Retries so far. */
  retryCount: number;
  /** Retries before it is exhausted. */
  maxRetries: number;
  /** When it is tried next; set while it is pending. */
  nextRetryAt: string | null;
  /** Events that it stands for. */
  eventCount: number;
  /** When somebody was alerted of it. */
  alertedAt: string | null;
  /** When it was closed. */
  resolvedAt: string | null;
  /** Who closed it. */
  resolvedBy: string | null;
  /** Why it was discarded. */
  note: string | null;
  /** When it was made. */
  createdAt: string;
  /** When it changed last. */
  updatedAt: string;
}

export interface DeadLetterSummaryPage {
  /** In the order of the list. */
  items: readonly (DeadLetterSummary)[];
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: string | null;
}

export interface DisableScriptBody {
  /** Why: it is in the alert. */
  reason: string;
}

export interface DiscardBody {
  /** Why nobody needs it any more. */
  note: string;
}

export interface DiscardManyBody {
  /** Which ones. */
  filter: DeadLetterFilterBody;
  /** Count only, touch nothing. Default false. */
  dryRun?: boolean;
  /** Most that are touched, the oldest first; default 1,000. */
  limit?: number;
  /** Why nobody needs them any more. */
  note: string;
}

export interface EventHistory {
  /** The event. */
  event: EventNode;
  /** Whether there is more than is shown: 500 records, 10 levels. */
  more: boolean;
}

export interface EventNode {
  /** Its id. */
  eventId: string;
  /** Its type. */
  eventType: string;
  /** Oldest first. */
  executions: readonly (ExecutionSummary)[];
  /** Oldest first. */
  deadLetters: readonly (DeadLetterSummary)[];
  /** Events that its executions published and that something came of. */
  children: readonly (EventNode)[];
}

export interface EventType {
  /** Its dotted name. */
  type: string;
  /** Whether it is of the catalogue or the host's own. */
  origin: "catalogue" | "host";
  /** The payload's fields; null when a mapper alone decides. */
  fields: readonly (string)[] | null;
}

export interface EventTypes {
  /** The catalogue's first. Types that scripts publish are not among them. */
  items: readonly (EventType)[];
}

export interface Execution {
  /** Its id. */
  id: string;
  /** Whose it is. */
  tenantId: string;
  /** The script that ran; it may be deleted since. */
  scriptId: string;
  /** The version that ran. */
  scriptVersion: number;
  /** The event's id. */
  eventId: string;
  /** The event's type. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string | null;
  /** Who caused the event. */
  actorId: string | null;
  /** Executions that led to the event: 0 for one of the host. */
  depth: number | null;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  /** What asked for it. */
  trigger: "event" | "retry" | "replay" | "manual" | "test";
  /** How it ended. */
  status: "completed" | "failed";
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  errorKind: string | null;
  /** The error's message. */
  errorMessage: string | null;
  /** Line in the author's source, from 1. */
  errorLine: number | null;
  /** Log lines that were over a limit. */
  logsDropped: number;
  /** Events it published. */
  publishedEvents: number;
  /** Calls of bindings. */
  bindingCalls: number;
  /** Milliseconds from its start to its end. */
  durationMs: number;
  /** Milliseconds of processor time. */
  cpuMs: number;
  /** Milliseconds the event waited. */
  queueMs: number;
  /** The same for every attempt at one event by one script. */
  idempotencyKey: string;
  /** The dead letter that it retried or replayed. */
  deadLetterId: string | null;
  /** Who asked for it, when it is a replay. */
  requestedBy: string | null;
  /** The execution that it ran again. */
  replayOf: string | null;
  /** When it began. */
  startedAt: string;
  /** When it ended. */
  finishedAt: string;
  /** The error's stack, by lines of the author's source. */
  errorStack: string | null;
  /** The payload; null unless `storage.keepInput` was on at the time. Absent without the permission `data`. */
  input?: unknown;
  /** What the script returned. Absent without the permission `data`. */
  result?: unknown;
  /** What it logged. Absent without the permission `data`. */
  logs?: readonly (ExecutionLogLine)[];
}

export interface ExecutionLogLine {
  /** How loud. */
  level: "debug" | "info" | "warn" | "error";
  /** What it says. */
  message: string;
  /** What goes with it. */
  data?: unknown;
  /** Milliseconds after the start of the run. */
  at?: number;
}

export interface ExecutionSummary {
  /** Its id. */
  id: string;
  /** Whose it is. */
  tenantId: string;
  /** The script that ran; it may be deleted since. */
  scriptId: string;
  /** The version that ran. */
  scriptVersion: number;
  /** The event's id. */
  eventId: string;
  /** The event's type. */
  eventType: string;
  /** When the event happened. */
  occurredAt: string | null;
  /** Who caused the event. */
  actorId: string | null;
  /** Executions that led to the event: 0 for one of the host. */
  depth: number | null;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  /** What asked for it. */
  trigger: "event" | "retry" | "replay" | "manual" | "test";
  /** How it ended. */
  status: "completed" | "failed";
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  errorKind: string | null;
  /** The error's message. */
  errorMessage: string | null;
  /** Line in the author's source, from 1. */
  errorLine: number | null;
  /** Log lines that were over a limit. */
  logsDropped: number;
  /** Events it published. */
  publishedEvents: number;
  /** Calls of bindings. */
  bindingCalls: number;
  /** Milliseconds from its start to its end. */
  durationMs: number;
  /** Milliseconds of processor time. */
  cpuMs: number;
  /** Milliseconds the event waited. */
  queueMs: number;
  /** The same for every attempt at one event by one script. */
  idempotencyKey: string;
  /** The dead letter that it retried or replayed. */
  deadLetterId: string | null;
  /** Who asked for it, when it is a replay. */
  requestedBy: string | null;
  /** The execution that it ran again. */
  replayOf: string | null;
  /** When it began. */
  startedAt: string;
  /** When it ended. */
  finishedAt: string;
}

export interface ExecutionSummaryPage {
  /** In the order of the list. */
  items: readonly (ExecutionSummary)[];
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: string | null;
}

export interface ExplainFilterBody {
  /** The filter. */
  filters: Record<string, unknown> | null;
  /** What it is asked about. */
  event: TestEventBody;
}

export interface FailureGroup {
  /** The script. */
  scriptId: string;
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  kind: string;
  /** Line in the author's source, from 1. */
  line: number | null;
  /** The message, with `#` for numbers. */
  message: string;
  /** How many. */
  count: number;
  /** When the first began. */
  firstAt: string;
  /** When the last began. */
  lastAt: string;
  /** The oldest version that failed so. */
  firstVersion: number;
  /** The newest version that failed so. */
  lastVersion: number;
  /** The newest of these executions. */
  executionId: string;
}

export interface FailureGroups {
  /** The largest first, at most 200. */
  items: readonly (FailureGroup)[];
  /** Whether there are more than were looked at: the newest 5,000 failures. */
  more: boolean;
}

export interface FilterCondition {
  /** Where it stands in the filter. */
  place: string;
  /** The field. */
  path: string;
  /** The operator. */
  operator: string;
  /** The operator's value in the filter. */
  expected: unknown;
  /** What the event holds there; absent when it holds nothing, and without the permission `data`. */
  actual?: unknown;
  /** Whether the event has no such field. */
  missing: boolean;
  /** Whether it holds. */
  matched: boolean;
  /** The verdict as a sentence; absent without the permission `data`. */
  reason?: string;
}

export interface FilterExplanation {
  /** Whether it lets the event through. */
  matched: boolean;
  /** It takes more steps on this event than it may. */
  undecided?: boolean;
  /** The verdict in one sentence; absent without the permission `data`. */
  summary?: string;
  /** Every operator, in the order of the filter. */
  conditions: readonly (FilterCondition)[];
  /** Every `and`, `or` and `not`, in the order of the filter. */
  groups: readonly (FilterGroup)[];
}

export interface FilterGroup {
  /** Where it stands in the filter. */
  place: string;
  /** Which. */
  operator: "and" | "or" | "not";
  /** Whether it holds. */
  matched: boolean;
  /** The verdict as a sentence. */
  reason: string;
}

export interface FilterVerdict {
  /** The event. */
  event: TestedEvent;
  /** What the filter says. */
  filter: FilterExplanation;
}

export interface Health {
  /** Names the process that answered, until it ends. */
  node: string;
  /** The worst of what matters. */
  status: "up" | "degraded" | "down";
  /** What is not up, the worst first. */
  summary: string;
  /** Its parts by name, each with `status`, `reason` and `figures`. */
  components: Record<string, unknown>;
  /** When this was looked at. */
  checkedAt: string;
}

export interface HealthWindow {
  /** The first failure that counts. */
  startedAt: string;
  /** Executions since, of the processes that saw it fail. */
  runs: number;
  /** Failures since. */
  failures: number;
  /** Failures by kind. */
  failuresByKind: Record<string, unknown>;
  /** Failures that took the sandbox process with them. */
  endedProcesses: number;
}

export interface LastFailure {
  /** When. */
  at: string;
  /** The version that failed. */
  version: number;
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected` or `crashed`. */
  kind: string;
  /** Its message, up to 500 characters. */
  message: string;
  /** Its execution. */
  executionId: string;
}

export interface PauseScriptBody {
  /** Why, shown beside the status. */
  reason?: string;
}

export interface PublishedEvent {
  /** Its type. */
  type: string;
  /** Its payload. */
  payload: unknown;
}

export interface ReplayManyBody {
  /** Which ones. */
  filter: DeadLetterFilterBody;
  /** Count only, touch nothing. Default false. */
  dryRun?: boolean;
  /** Most that are touched, the oldest first; default 1,000. */
  limit?: number;
}

export interface ReplayedExecution {
  /** Its id, that of its record. */
  executionId: string;
  /** The script that ran. */
  scriptId: string;
  /** The version that ran. */
  scriptVersion: number;
  /** How it ended. */
  status: "completed" | "failed";
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  errorKind: string | null;
  /** The error's message. */
  errorMessage: string | null;
  /** Line in the author's source, from 1. */
  errorLine: number | null;
  /** Milliseconds from its start to its end. */
  durationMs: number;
}

export interface ResumeScriptBody {
  /** What becomes of the events that came or failed meanwhile: `held` (default) runs what was kept, `failed` also what is exhausted since, `none` discards what was kept. */
  replay?: "held" | "failed" | "none";
}

export interface RunningExecution {
  /** Its id, that of its record when it has ended. */
  executionId: string;
  /** Whose it is. */
  tenantId: string;
  /** The script that runs. */
  scriptId: string;
  /** The version that runs. */
  scriptVersion: number;
  /** The event's id. */
  eventId: string;
  /** The event's type. */
  eventType: string;
  /** 1 for the first execution, one more for each retry or replay. */
  attempt: number;
  /** When it began. */
  startedAt: string;
}

export interface RunningExecutions {
  /** Names the process that answered, until it ends. */
  node: string;
  /** Oldest first. */
  items: readonly (RunningExecution)[];
}

export interface SavedScript {
  /** Its id. */
  id: string;
  /** Whose it is. */
  tenantId: string;
  /** Unique among the tenant's scripts that are not archived. */
  name: string;
  /** What it is for. */
  description: string | null;
  /** What it listens to. */
  eventTypes: readonly (string)[];
  /** Only active ones run; what comes for a disabled one is kept. */
  status: "draft" | "active" | "paused" | "disabled" | "archived";
  /** Why it was paused, disabled or degraded. */
  statusReason: string | null;
  /** It fails too often, and runs one event at a time. */
  degraded: boolean;
  /** The current version of its source. */
  version: number;
  /** Who made it. */
  createdBy: string | null;
  /** Who changed it last. */
  updatedBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** When it was changed last. */
  updatedAt: string;
  /** Its state: another one after every change. `ETag` is the same in quotes. */
  revision: string;
  /** The filter as its author wrote it; null lets every event of the types through. */
  filters: Record<string, unknown> | null;
  /** What a run may use, instead of the sandbox's own limits. */
  limits: ScriptLimitsDto | null;
  /** Names of the bindings it may call; null means none. */
  bindings: readonly (string)[] | null;
  /** Runs at the same time; null means the buffer's own limit. */
  maxConcurrency: number | null;
  /** Runs that begin in one minute; null means no limit. */
  runsPerMinute: number | null;
  /** Path of the payload's field by which its events are ordered. */
  orderingKey: string | null;
  /** What a failure of an ordered event does to those behind it. */
  onOrderedFailure: "block" | "skip";
  /** The text of the current version. */
  source: string;
  /** What the current version is written in. */
  language: "javascript" | "typescript";
  /** What is probably wrong with its filter: no event can match it, or its event types do not have a field that it uses. */
  warnings: readonly (string)[];
}

export interface Script {
  /** Its id. */
  id: string;
  /** Whose it is. */
  tenantId: string;
  /** Unique among the tenant's scripts that are not archived. */
  name: string;
  /** What it is for. */
  description: string | null;
  /** What it listens to. */
  eventTypes: readonly (string)[];
  /** Only active ones run; what comes for a disabled one is kept. */
  status: "draft" | "active" | "paused" | "disabled" | "archived";
  /** Why it was paused, disabled or degraded. */
  statusReason: string | null;
  /** It fails too often, and runs one event at a time. */
  degraded: boolean;
  /** The current version of its source. */
  version: number;
  /** Who made it. */
  createdBy: string | null;
  /** Who changed it last. */
  updatedBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** When it was changed last. */
  updatedAt: string;
  /** Its state: another one after every change. `ETag` is the same in quotes. */
  revision: string;
  /** The filter as its author wrote it; null lets every event of the types through. */
  filters: Record<string, unknown> | null;
  /** What a run may use, instead of the sandbox's own limits. */
  limits: ScriptLimitsDto | null;
  /** Names of the bindings it may call; null means none. */
  bindings: readonly (string)[] | null;
  /** Runs at the same time; null means the buffer's own limit. */
  maxConcurrency: number | null;
  /** Runs that begin in one minute; null means no limit. */
  runsPerMinute: number | null;
  /** Path of the payload's field by which its events are ordered. */
  orderingKey: string | null;
  /** What a failure of an ordered event does to those behind it. */
  onOrderedFailure: "block" | "skip";
  /** The text of the current version. */
  source: string;
  /** What the current version is written in. */
  language: "javascript" | "typescript";
}

export interface ScriptDeletion {
  /** Open dead letters that were discarded, with a note that says why. */
  discardedDeadLetters: number;
}

export interface ScriptHealth {
  /** The script. */
  scriptId: string;
  /** Whose it is. */
  tenantId: string;
  /** Its name. */
  scriptName: string;
  /** The current version. */
  version: number;
  /** `degraded`: it runs one event at a time; `disabled`: it does not run, and what comes for it is kept. */
  state: "healthy" | "degraded" | "disabled";
  /** Why it is degraded or disabled. */
  reason: string | null;
  /** When that changed last. */
  changedAt: string | null;
  /** Who changed it; `scripts-event` for the breaker. */
  changedBy: string | null;
  /** What counts against the current version; null when nothing does. */
  window: HealthWindow | null;
  /** The last failure of any version. */
  lastFailure: LastFailure | null;
  /** Sandbox processes it has ever ended; null when none. */
  blame: Blame | null;
  /** Dead letters that wait for it, counted up to `breaker.maxHeld`. */
  waiting: number;
  /** Events lost since it was disabled, because `breaker.maxHeld` waited already. */
  noRoom: number;
}

export interface ScriptHealthPage {
  /** In the order of the list. */
  items: readonly (ScriptHealth)[];
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: string | null;
}

export interface ScriptLimitsDto {
  /** Milliseconds a run may take. */
  timeoutMs?: number;
  /** Megabytes of heap. */
  memoryMb?: number;
}

export interface ScriptResumption {
  /** The script as it is now. */
  script: ScriptSummary;
  /** Dead letters that run now. */
  replayed: number;
  /** Of these, the ones that were kept for it. */
  held: number;
  /** Of these, the ones that wait for their retry. */
  retries: number;
  /** Of these, the exhausted ones, which run again. */
  exhausted: number;
  /** Dead letters that were kept for it and are given up. */
  discarded: number;
}

export interface ScriptSummary {
  /** Its id. */
  id: string;
  /** Whose it is. */
  tenantId: string;
  /** Unique among the tenant's scripts that are not archived. */
  name: string;
  /** What it is for. */
  description: string | null;
  /** What it listens to. */
  eventTypes: readonly (string)[];
  /** Only active ones run; what comes for a disabled one is kept. */
  status: "draft" | "active" | "paused" | "disabled" | "archived";
  /** Why it was paused, disabled or degraded. */
  statusReason: string | null;
  /** It fails too often, and runs one event at a time. */
  degraded: boolean;
  /** The current version of its source. */
  version: number;
  /** Who made it. */
  createdBy: string | null;
  /** Who changed it last. */
  updatedBy: string | null;
  /** When it was made. */
  createdAt: string;
  /** When it was changed last. */
  updatedAt: string;
  /** Its state: another one after every change. `ETag` is the same in quotes. */
  revision: string;
}

export interface ScriptSummaryPage {
  /** In the order of the list. */
  items: readonly (ScriptSummary)[];
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: string | null;
}

export interface ScriptVersion {
  /** 1 for the first, one more for each change of the source. */
  version: number;
  /** What it is written in. */
  language: "javascript" | "typescript";
  /** SHA-256 of the source, hexadecimal. */
  checksum: string;
  /** Who saved it. */
  createdBy: string | null;
  /** When it was saved. */
  createdAt: string;
  /** Its text; never changed. */
  source: string;
}

export interface ScriptVersionSummary {
  /** 1 for the first, one more for each change of the source. */
  version: number;
  /** What it is written in. */
  language: "javascript" | "typescript";
  /** SHA-256 of the source, hexadecimal. */
  checksum: string;
  /** Who saved it. */
  createdBy: string | null;
  /** When it was saved. */
  createdAt: string;
}

export interface ScriptVersionSummaryPage {
  /** In the order of the list. */
  items: readonly (ScriptVersionSummary)[];
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: string | null;
}

export interface Session {
  /** Who they are. */
  actor: SessionActor;
  /** Whether they may see every tenant. */
  allTenants: boolean;
  /** The tenants that they may see; null for all. */
  tenants: readonly (string)[] | null;
  /** The tenant that is meant when a request names none. */
  onlyTenant: string | null;
  /** What they may do. */
  permissions: readonly ("read" | "data" | "write" | "operate")[];
  /** What the application offers. */
  application: ApplicationFeatures;
}

export interface SessionActor {
  /** Kept with everything they do. */
  id: string;
  /** How they are called. */
  name: string | null;
}

export interface Statistics {
  /** Oldest first; a bucket without executions is left out. */
  items: readonly (StatisticsBucket)[];
  /** Whether there were more than 200,000 executions, of which only the newest are counted. */
  more: boolean;
}

export interface StatisticsBucket {
  /** Where it begins. */
  at: string;
  /** Executions that completed. */
  completed: number;
  /** Executions that failed. */
  failed: number;
  /** Mean milliseconds of a run. */
  meanDurationMs: number;
  /** Mean milliseconds that events waited. */
  meanQueueMs: number;
}

export interface Tenant {
  /** Its id. */
  tenantId: string;
  /** Whether a script is degraded or disabled, or a dead letter is exhausted. */
  trouble: boolean;
  /** Scripts that are active. */
  activeScripts: number;
  /** Scripts that are degraded or disabled. */
  unwellScripts: number;
  /** Exhausted dead letters, counted up to 1,000; 1,001 means more. */
  exhausted: number;
  /** Executions that failed in the last day, counted up to 1,000; 1,001 means more. */
  failedToday: number;
}

export interface TenantPage {
  /** In the order of the list. */
  items: readonly (Tenant)[];
  /** Give it as `cursor` to get the next page; null on the last one. */
  nextCursor: string | null;
}

export interface TestEventBody {
  /** The type of an event that is made up. */
  type?: string;
  /** Its payload. */
  input?: Record<string, unknown>;
  /** The event of a dead letter. */
  deadLetterId?: string;
  /** The event of an execution, when `storage.keepInput` was on at the time. */
  executionId?: string;
}

export interface TestRun {
  /** How it ended. */
  status: "completed" | "failed";
  /** Its record; null when the source that ran is not saved. */
  executionId: string | null;
  /** The version that ran; 0 for a source that is not saved. */
  version: number;
  /** The event as the script saw it. */
  event: TestedEvent;
  /** Whether an event like this one would run the script. */
  routing: TestRunRouting;
  /** What it returned; absent when it failed, and without the permission `data`. */
  result?: unknown;
  /** Why it failed. */
  error?: TestRunError;
  /** What it logged; absent without the permission `data`. */
  logs?: readonly (ExecutionLogLine)[];
  /** Events it would have published; absent without the permission `data`. */
  published?: readonly (PublishedEvent)[];
  /** What it used. */
  metrics: TestRunMetrics;
}

export interface TestRunBody {
  /** A saved script: what is left out below is taken from it. */
  scriptId?: string;
  /** A text that is not saved; needed without a script. */
  source?: string;
  /** Default that of the script, or `javascript`. */
  language?: "javascript" | "typescript";
  /** What it would listen to. */
  eventTypes?: readonly (string)[];
  /** Its filter. */
  filters?: Record<string, unknown> | null;
  /** What it may call. */
  bindings?: readonly (string)[] | null;
  /** What the run may use. */
  limits?: ScriptLimitsDto | null;
  /** The event that it runs on. */
  event: TestEventBody;
  /** Whether bindings are called for real, with all that they do; needs the permission `operate`. Default false: a call rejects with the code `test-run`. */
  callBindings?: boolean;
}

export interface TestRunError {
  /** `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`. */
  kind: string;
  /** Its message. */
  message: string;
  /** Its name. */
  name?: string;
  /** Its stack, by lines of the author's source. */
  stack?: string;
  /** Line in the author's source, from 1. */
  line?: number;
  /** False after `throw new NonRetryableError()`. */
  retryable?: boolean;
  /** Milliseconds asked for by `throw new RetryAfterError(ms)`. */
  retryAfterMs?: number;
}

export interface TestRunMetrics {
  /** Milliseconds, with fractions. */
  durationMs: number;
  /** Milliseconds of processor time, with fractions. */
  cpuMs: number;
  /** Calls of bindings. */
  bindingCalls: number;
  /** Log lines over a limit, which are not in `logs`. */
  logsDropped: number;
}

export interface TestRunRouting {
  /** True when it would. */
  wouldRun: boolean;
  /** What stands against it; absent without the permission `data`. */
  reasons?: readonly (string)[];
  /** What is probably wrong with its filter; absent without the permission `data`. */
  warnings?: readonly (string)[];
  /** What its filter says. */
  filter: FilterExplanation;
}

export interface TestedEvent {
  /** Its id. */
  id: string;
  /** Its type. */
  type: string;
  /** Its payload; absent without the permission `data`. */
  input?: unknown;
  /** Fields of a made-up payload that events of this type do not carry. */
  ignoredFields: readonly (string)[];
}

export interface UpdateScriptBody {
  /** What it is for. */
  description?: string | null;
  /** A filter; null or {} lets every event of the types through. */
  filters?: Record<string, unknown> | null;
  /** What a run may use, instead of the sandbox's own limits. */
  limits?: ScriptLimitsDto | null;
  /** Names of the bindings it may call; null means none. */
  bindings?: readonly (string)[] | null;
  /** Runs at the same time; null means the buffer's own limit. */
  maxConcurrency?: number | null;
  /** Runs that begin in one minute; null means no limit. */
  runsPerMinute?: number | null;
  /** Path of the payload's field by which events are ordered; null means none. */
  orderingKey?: string | null;
  /** What a failure of an ordered event does to those behind it. */
  onOrderedFailure?: "block" | "skip";
  /** Unique among the tenant's scripts that are not archived. */
  name?: string;
  /** What it listens to. */
  eventTypes?: readonly (string)[];
  /** A text that differs from the current one becomes the next version. */
  source?: string;
  /** Default that of the current version. */
  language?: "javascript" | "typescript";
}
