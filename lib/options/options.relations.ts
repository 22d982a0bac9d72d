import { exactDuration, parseDuration } from '../common/duration.js';
import { mostKeptMemoryMb } from '../common/kept-memory.js';
import { BufferOptions } from './buffer.options.js';
import { drainTimeOf } from './stop-time.js';
import type { OptionPath } from './options.env.js';
import type { ResolvedValues } from './scripts-event.options.js';

/** An option that is valid by itself but doesn't fit another one. */
export interface OptionConflict {
  option: OptionPath;
  message: string;
}

/**
 * How much longer than an execution a lease must be, in milliseconds: time to wait for a process and to store the
 * outcome.
 */
const LEASE_MARGIN_MS = 10_000;

/** Resident memory of a Node.js process that has not run a script yet, in megabytes, rounded up. */
export const IDLE_PROCESS_MB = 64;

interface Rule {
  option: OptionPath;
  /** The option it is compared with. */
  other: OptionPath;
  holds: boolean;
  message: () => string;
}

/**
 * Finds pairs of options that can't work together. Options in `wrong` are invalid by themselves and are not compared.
 */
export function findConflicts(
  { buffer, health, index, retry, sandbox }: ResolvedValues,
  wrong: ReadonlySet<string>,
): OptionConflict[] {
  const lease = sandbox.maxTimeoutMs + LEASE_MARGIN_MS;
  const process = sandbox.maxMemoryMb + IDLE_PROCESS_MB;
  const mostKept = mostKeptMemoryMb(sandbox.maxProcessMemoryMb);
  const twoPolls = 2 * index.pollIntervalMs;
  // The message is created only when needed: an option that is invalid itself has no duration to format.
  const rules: Rule[] = [
    {
      option: 'buffer.lease',
      other: 'buffer.heartbeat',
      holds: atLeast(buffer.leaseMs, 3 * buffer.heartbeatMs),
      message: () =>
        `must be at least ${exactDuration(3 * buffer.heartbeatMs)}: three times buffer.heartbeat ` +
        `(${exactDuration(buffer.heartbeatMs)}), or one late heartbeat could stop a healthy node`,
    },
    {
      option: 'retry.maxDelay',
      other: 'retry.initialDelay',
      holds: atLeast(retry.maxDelayMs, retry.initialDelayMs),
      message: () => `must be at least retry.initialDelay (${exactDuration(retry.initialDelayMs)})`,
    },
    {
      option: 'retry.leaseDuration',
      other: 'sandbox.maxTimeout',
      holds: atLeast(retry.leaseDurationMs, lease),
      message: () =>
        `must be at least ${exactDuration(lease)}: sandbox.maxTimeout (${exactDuration(sandbox.maxTimeoutMs)}) plus ` +
        `${exactDuration(LEASE_MARGIN_MS)}, or two processes could run the same dead letter`,
    },
    {
      option: 'sandbox.maxTimeout',
      other: 'sandbox.timeout',
      holds: atLeast(sandbox.maxTimeoutMs, sandbox.timeoutMs),
      message: () => `must be at least sandbox.timeout (${exactDuration(sandbox.timeoutMs)})`,
    },
    {
      option: 'sandbox.maxMemoryMb',
      other: 'sandbox.memoryMb',
      holds: atLeast(sandbox.maxMemoryMb, sandbox.memoryMb),
      message: () => `must be at least sandbox.memoryMb (${sandbox.memoryMb})`,
    },
    {
      option: 'sandbox.maxProcessMemoryMb',
      other: 'sandbox.maxMemoryMb',
      holds: atLeast(sandbox.maxProcessMemoryMb, process),
      message: () =>
        `must be at least ${process}: sandbox.maxMemoryMb (${sandbox.maxMemoryMb}) plus ${IDLE_PROCESS_MB} for the process itself`,
    },
    {
      option: 'sandbox.keptMemoryMb',
      other: 'sandbox.maxProcessMemoryMb',
      holds: atLeast(mostKept, sandbox.keptMemoryMb),
      message: () =>
        `must be at most ${mostKept} with sandbox.maxProcessMemoryMb = ${sandbox.maxProcessMemoryMb}, or processes would be ` +
        'replaced again and again because of the isolates that they keep',
    },
    {
      option: 'sandbox.maxProcesses',
      other: 'sandbox.minProcesses',
      holds: atLeast(sandbox.maxProcesses, sandbox.minProcesses),
      message: () => `must be at least sandbox.minProcesses (${sandbox.minProcesses})`,
    },
    {
      option: 'health.maxIndexAge',
      other: 'index.pollInterval',
      holds: atLeast(health.maxIndexAgeMs, twoPolls),
      message: () =>
        `must be at least ${exactDuration(twoPolls)}: twice index.pollInterval, or a healthy index would be reported as stale`,
    },
  ];
  return rules
    .filter((rule) => !rule.holds && !wrong.has(rule.option) && !wrong.has(rule.other))
    .map(({ option, message }) => ({ option, message: message() }));
}

/** Passes a value that is not a number, which is reported elsewhere. */
const atLeast = (value: number, least: number): boolean => !(value < least);

/**
 * Settings that are allowed but may be mistakes, as sentences for the log. For example, a stop that is shorter than a
 * run loses nothing, because cancelled runs are kept, and the platform may leave no choice.
 */
export function findDoubts(values: ResolvedValues): string[] {
  const { alerts, buffer, http, sandbox, shutdownTimeoutMs, tracing } = values;
  const doubts: [boolean, string][] = [
    [
      drainTimeOf(shutdownTimeoutMs) < sandbox.timeoutMs,
      `shutdownTimeout (${exactDuration(shutdownTimeoutMs)}) is shorter than sandbox.timeout ` +
        `(${exactDuration(sandbox.timeoutMs)}) plus the time to store what is left: a stop may cancel scripts that would have finished; they become dead ` +
        'letters and run again',
    ],
    [
      buffer.overflow === 'drop',
      'buffer.overflow is "drop": events that arrive while the buffer is full are lost and only counted in scripts_events_dropped_total',
    ],
    ...idleOptions(values),
    [
      alerts.webhookUrl === undefined && Object.keys(alerts.webhookHeaders).length > 0,
      'alerts.webhookHeaders has no effect without alerts.webhookUrl',
    ],
    [
      http.allowedHosts.length > 0 && http.timeoutMs > sandbox.bindingTimeoutMs,
      `http.timeout (${exactDuration(http.timeoutMs)}) is longer than sandbox.bindingTimeout ` +
        `(${exactDuration(sandbox.bindingTimeoutMs)}), which ends every call first`,
    ],
    [
      http.allowedHosts.length > 0 && http.maxResponseBytes > sandbox.maxBindingBytes,
      `http.maxResponseBytes (${http.maxResponseBytes}) is more than sandbox.maxBindingBytes ` +
        `(${sandbox.maxBindingBytes}): scripts can't receive a response that large`,
    ],
    [
      http.allowedHosts.length === 0 && http.allowPrivateAddresses.length > 0,
      'http.allowPrivateAddresses has no effect without http.allowedHosts, because http.fetch is off',
    ],
    [
      http.traceHosts.length > 0 && (http.allowedHosts.length === 0 || tracing.adapter === undefined),
      'http.traceHosts has no effect without http.allowedHosts and tracing.adapter',
    ],
  ];
  return doubts.filter(([present]) => present).map(([, text]) => text);
}

/** Options that were set although they have no effect with the chosen buffer. */
function idleOptions({ buffer, limits }: ResolvedValues): [boolean, string][] {
  const defaults = new BufferOptions();
  const changed = (names: readonly (keyof BufferOptions)[]): string[] =>
    names
      .filter((name) => {
        const value: unknown = name in buffer ? Reflect.get(buffer, name) : Reflect.get(buffer, `${name}Ms`);
        return value !== (name in buffer ? defaults[name] : parseDuration(defaults[name]));
      })
      .map((name) => `buffer.${name}`);
  // The other limits don't concern the buffer.
  const { tenantRuns, tenantRunsPerMinute, forTenant } = limits;
  const limited = Object.entries({ tenantRuns, tenantRunsPerMinute, forTenant }).filter(
    ([, limit]) => limit !== undefined,
  );
  const own = buffer.adapter !== undefined;
  const idle = own
    ? [...changed(BUILT_IN_ONLY), ...limited.map(([name]) => `limits.${name}`)]
    : changed(buffer.driver === 'memory' ? DURABLE_ONLY : MEMORY_ONLY);
  const reason = own ? 'buffer.adapter is set' : `buffer.driver is "${buffer.driver}"`;
  const has = idle.length === 1 ? 'has' : 'have';
  return [[idle.length > 0, `${idle.join(', ')} ${has} no effect while ${reason}`]];
}

const MEMORY_ONLY = ['size'] as const satisfies (keyof BufferOptions)[];
const DURABLE_ONLY = [
  'schema',
  'installSchema',
  'heartbeat',
  'lease',
  'poll',
  'redelivery',
  'eventIdMemory',
  'preparedStatements',
  'captureSize',
] as const satisfies (keyof BufferOptions)[];
/**
 * Options that only built-in buffers use. `workerCount` is not among them: the number of sandbox processes follows from
 * it.
 */
const BUILT_IN_ONLY = [
  'driver',
  'maxRunsPerScript',
  ...MEMORY_ONLY,
  ...DURABLE_ONLY,
] as const satisfies (keyof BufferOptions)[];
