import { ruleOf, type OptionKind } from './option.decorators.js';
import { ScriptsEventOptions, type OptionGroup } from './scripts-event.options.js';
import { suggestName } from '../common/suggest-name.js';
import { nameInWords } from './unknown-names.js';

/** Dotted name of an option, `buffer.size`. */
export type OptionPath =
  | 'shutdownTimeout'
  | { [Group in OptionGroup]: `${Group}.${keyof ScriptsEventOptions[Group] & string}` }[OptionGroup];

/** The environment variable of each option; `null` for an option that only code can set. */
export const OPTION_VARIABLES: Readonly<Record<OptionPath, string | null>> = {
  'buffer.size': 'EVENT_BUFFER_SIZE',
  'buffer.workerCount': 'EVENT_WORKER_COUNT',
  'retry.maxRetries': 'EVENT_RETRY_MAX_RETRIES',
  'retry.initialDelay': 'EVENT_RETRY_INITIAL_DELAY',
  'retry.maxDelay': 'EVENT_RETRY_MAX_DELAY',
  'retry.backoffFactor': 'EVENT_RETRY_BACKOFF_FACTOR',
  'buffer.driver': 'EVENT_BUFFER_DRIVER',
  'buffer.maxRunsPerScript': 'EVENT_BUFFER_MAX_RUNS_PER_SCRIPT',
  'buffer.overflow': 'EVENT_BUFFER_OVERFLOW',
  'buffer.adapter': null,
  'buffer.schema': 'EVENT_BUFFER_SCHEMA',
  'buffer.installSchema': 'EVENT_BUFFER_INSTALL_SCHEMA',
  'buffer.heartbeat': 'EVENT_BUFFER_HEARTBEAT',
  'buffer.lease': 'EVENT_BUFFER_LEASE',
  'buffer.poll': 'EVENT_BUFFER_POLL',
  'buffer.redelivery': 'EVENT_BUFFER_REDELIVERY',
  'buffer.eventIdMemory': 'EVENT_BUFFER_EVENT_ID_MEMORY',
  'buffer.preparedStatements': 'EVENT_BUFFER_PREPARED_STATEMENTS',
  'buffer.captureSize': 'EVENT_BUFFER_CAPTURE_SIZE',
  'limits.tenantRuns': 'EVENT_LIMITS_TENANT_RUNS',
  'limits.tenantRunsPerMinute': 'EVENT_LIMITS_TENANT_RUNS_PER_MINUTE',
  'limits.tenantScripts': 'EVENT_LIMITS_TENANT_SCRIPTS',
  'limits.scriptSchedules': 'EVENT_LIMITS_SCRIPT_SCHEDULES',
  'limits.tenantSecrets': 'EVENT_LIMITS_TENANT_SECRETS',
  'limits.tenantVariables': 'EVENT_LIMITS_TENANT_VARIABLES',
  'limits.tenantVariableBytes': 'EVENT_LIMITS_TENANT_VARIABLE_BYTES',
  'limits.tenantStoreKeys': 'EVENT_LIMITS_TENANT_STORE_KEYS',
  'limits.tenantStoreBytes': 'EVENT_LIMITS_TENANT_STORE_BYTES',
  'limits.forTenant': null,
  'retry.jitter': 'EVENT_RETRY_JITTER',
  'retry.interval': 'EVENT_RETRY_INTERVAL',
  'retry.concurrency': 'EVENT_RETRY_CONCURRENCY',
  'retry.batchSize': 'EVENT_RETRY_BATCH_SIZE',
  'retry.leaseDuration': 'EVENT_RETRY_LEASE_DURATION',
  'sandbox.timeout': 'EVENT_SANDBOX_TIMEOUT',
  'sandbox.maxTimeout': 'EVENT_SANDBOX_MAX_TIMEOUT',
  'sandbox.memoryMb': 'EVENT_SANDBOX_MEMORY_MB',
  'sandbox.maxMemoryMb': 'EVENT_SANDBOX_MAX_MEMORY_MB',
  'sandbox.maxProcessMemoryMb': 'EVENT_SANDBOX_MAX_PROCESS_MEMORY_MB',
  'sandbox.keptMemoryMb': 'EVENT_SANDBOX_KEPT_MEMORY_MB',
  'sandbox.minProcesses': 'EVENT_SANDBOX_MIN_PROCESSES',
  'sandbox.maxProcesses': 'EVENT_SANDBOX_MAX_PROCESSES',
  'sandbox.maxProcessAge': 'EVENT_SANDBOX_MAX_PROCESS_AGE',
  'sandbox.isolation': 'EVENT_SANDBOX_ISOLATION',
  'sandbox.nodePath': 'EVENT_SANDBOX_NODE_PATH',
  'sandbox.childPath': 'EVENT_SANDBOX_CHILD_PATH',
  'sandbox.maxSourceBytes': 'EVENT_SANDBOX_MAX_SOURCE_BYTES',
  'sandbox.maxResultBytes': 'EVENT_SANDBOX_MAX_RESULT_BYTES',
  'sandbox.maxLogLines': 'EVENT_SANDBOX_MAX_LOG_LINES',
  'sandbox.maxLogBytes': 'EVENT_SANDBOX_MAX_LOG_BYTES',
  'sandbox.maxPublishedBytes': 'EVENT_SANDBOX_MAX_PUBLISHED_BYTES',
  'sandbox.maxBindingCalls': 'EVENT_SANDBOX_MAX_BINDING_CALLS',
  'sandbox.maxBindingBytes': 'EVENT_SANDBOX_MAX_BINDING_BYTES',
  'sandbox.bindingTimeout': 'EVENT_SANDBOX_BINDING_TIMEOUT',
  'schedules.enabled': 'EVENT_SCHEDULES_ENABLED',
  'schedules.minInterval': 'EVENT_SCHEDULES_MIN_INTERVAL',
  'schedules.pollInterval': 'EVENT_SCHEDULES_POLL_INTERVAL',
  'schedules.missedAfter': 'EVENT_SCHEDULES_MISSED_AFTER',
  'breaker.enabled': 'EVENT_BREAKER_ENABLED',
  'breaker.maxCrashes': 'EVENT_BREAKER_MAX_CRASHES',
  'breaker.maxFailures': 'EVENT_BREAKER_MAX_FAILURES',
  'breaker.degradeAt': 'EVENT_BREAKER_DEGRADE_AT',
  'breaker.window': 'EVENT_BREAKER_WINDOW',
  'breaker.maxHeld': 'EVENT_BREAKER_MAX_HELD',
  'events.types': null,
  'events.tenantResolver': null,
  'events.defaultTenantId': 'EVENT_DEFAULT_TENANT_ID',
  'events.actorResolver': null,
  'events.maxPayloadBytes': 'EVENT_MAX_PAYLOAD_BYTES',
  'events.maxDepth': 'EVENT_MAX_DEPTH',
  'events.maxExecutionsPerRoot': 'EVENT_MAX_EXECUTIONS_PER_ROOT',
  'events.maxPublishedPerRun': 'EVENT_MAX_PUBLISHED_PER_RUN',
  'events.onCycle': 'EVENT_ON_CYCLE',
  'storage.checkMigrations': 'EVENT_STORAGE_CHECK_MIGRATIONS',
  'storage.keepInput': 'EVENT_STORAGE_KEEP_INPUT',
  'storage.spillPath': 'EVENT_STORAGE_SPILL_PATH',
  'storage.maxSpillBytes': 'EVENT_STORAGE_MAX_SPILL_BYTES',
  'alerts.webhookUrl': 'EVENT_ALERT_WEBHOOK_URL',
  'alerts.webhookHeaders': 'EVENT_ALERT_WEBHOOK_HEADERS',
  'alerts.webhookTimeout': 'EVENT_ALERT_WEBHOOK_TIMEOUT',
  'alerts.interval': 'EVENT_ALERT_INTERVAL',
  'alerts.channel': null,
  'retention.enabled': 'EVENT_RETENTION_ENABLED',
  'retention.completedExecutions': 'EVENT_RETENTION_COMPLETED_EXECUTIONS',
  'retention.failedExecutions': 'EVENT_RETENTION_FAILED_EXECUTIONS',
  'retention.resolvedDeadLetters': 'EVENT_RETENTION_RESOLVED_DEAD_LETTERS',
  'retention.discardedDeadLetters': 'EVENT_RETENTION_DISCARDED_DEAD_LETTERS',
  'retention.exhaustedDeadLetters': 'EVENT_RETENTION_EXHAUSTED_DEAD_LETTERS',
  'retention.interval': 'EVENT_RETENTION_INTERVAL',
  'retention.batchSize': 'EVENT_RETENTION_BATCH_SIZE',
  'retention.batchPause': 'EVENT_RETENTION_BATCH_PAUSE',
  'retention.maxRoundTime': 'EVENT_RETENTION_MAX_ROUND_TIME',
  'health.maxQueueAge': 'EVENT_HEALTH_MAX_QUEUE_AGE',
  'health.maxQueueFill': 'EVENT_HEALTH_MAX_QUEUE_FILL',
  'health.maxIndexAge': 'EVENT_HEALTH_MAX_INDEX_AGE',
  'health.databaseTimeout': 'EVENT_HEALTH_DATABASE_TIMEOUT',
  'http.allowedHosts': 'EVENT_HTTP_ALLOWED_HOSTS',
  'http.allowPrivateAddresses': 'EVENT_HTTP_ALLOW_PRIVATE_ADDRESSES',
  'http.traceHosts': 'EVENT_HTTP_TRACE_HOSTS',
  'http.allowPlainHttp': 'EVENT_HTTP_ALLOW_PLAIN_HTTP',
  'http.methods': 'EVENT_HTTP_METHODS',
  'http.timeout': 'EVENT_HTTP_TIMEOUT',
  'http.maxRequestBytes': 'EVENT_HTTP_MAX_REQUEST_BYTES',
  'http.maxResponseBytes': 'EVENT_HTTP_MAX_RESPONSE_BYTES',
  'http.maxRedirects': 'EVENT_HTTP_MAX_REDIRECTS',
  'http.userAgent': 'EVENT_HTTP_USER_AGENT',
  'secrets.keys': 'EVENT_SECRETS_KEY',
  'secrets.cipher': null,
  'index.pollInterval': 'EVENT_INDEX_POLL_INTERVAL',
  'index.listen': 'EVENT_INDEX_LISTEN',
  'index.maxSourceBytes': 'EVENT_INDEX_MAX_SOURCE_BYTES',
  'tracing.adapter': null,
  'metrics.prometheus': 'EVENT_METRICS_PROMETHEUS',
  'metrics.registry': null,
  'metrics.deadLetterCacheTime': 'EVENT_METRICS_DEAD_LETTER_CACHE_TIME',
  'metrics.tableSizeCacheTime': 'EVENT_METRICS_TABLE_SIZE_CACHE_TIME',
  shutdownTimeout: 'EVENT_SHUTDOWN_TIMEOUT',
};

/** Environment variables, `process.env` or a part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The values from environment variables, by option. A text that can't be converted stays as it is, so that the
 * validation reports it with all other problems. An empty variable counts as not set.
 */
export function readEnvironment(env: Environment): Map<OptionPath, unknown> {
  const defaults = new ScriptsEventOptions();
  const values = new Map<OptionPath, unknown>();
  for (const [path, variable] of Object.entries(OPTION_VARIABLES) as [OptionPath, string | null][]) {
    const text = variable === null ? undefined : env[variable]?.trim();
    if (text) values.set(path, parse(text, kindOf(defaults, path)));
  }
  return values;
}

/**
 * How many letters a variable may differ from one of this package to count as misspelt. With more, variables of the
 * host that also begin with EVENT_ would be reported.
 */
const SLIP = 2;

/** How many misspelt variables are named one by one. */
const MISSPELT_LISTED = 10;

/**
 * A sentence for each variable that looks like a misspelt one of this package. Of very many, only the first are named.
 */
export function findMisspeltVariables(env: Environment): string[] {
  const variables = Object.values(OPTION_VARIABLES).filter((name) => name !== null);
  const sentences = Object.keys(env)
    .filter((name) => name.startsWith('EVENT_') && !variables.includes(name))
    .flatMap((name) => {
      const near = suggestName(name, variables, SLIP);
      return near === undefined
        ? []
        : [`Unknown environment variable ${nameInWords(name)}. Did you mean ${near}?`];
    });
  const more = sentences.length - MISSPELT_LISTED;
  if (more <= 0) return sentences;
  return [
    ...sentences.slice(0, MISSPELT_LISTED),
    `${more} more environment variables look like misspelt variables of this package.`,
  ];
}

function kindOf(defaults: ScriptsEventOptions, path: OptionPath): OptionKind | undefined {
  const [group, field] = splitPath(path);
  return ruleOf(group === null ? defaults : defaults[group], field)?.kind;
}

/** Group (`null` for an option outside the groups) and field of an option. */
export function splitPath(path: OptionPath): [OptionGroup | null, string] {
  const [group, field] = path.split('.');
  return field === undefined ? [null, path] : [group as OptionGroup, field];
}

function parse(text: string, kind: OptionKind | undefined): unknown {
  if (kind === 'number') return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (kind === 'flag') return FLAGS.get(text.toLowerCase()) ?? text;
  if (kind === 'list') return text.split(',').map((part) => part.trim());
  if (kind === 'json') return parseJson(text);
  return text;
}

const FLAGS = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
