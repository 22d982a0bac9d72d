import { PrintableLogger } from '../../common/printable-logger.js';
import { lineAbout, type SubjectLine } from '../../common/log-line.js';
import { TenantTally } from '../../common/tenant-tally.js';
import type { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import type { Blame, SandboxEvent, ScriptSandboxOptions } from '../../sandbox/index.js';
import { formatDuration } from '../../common/duration-text.js';

/** The sandbox's options from the module's options. What happens to sandbox processes is logged and counted. */
export function sandboxOptions(
  { sandbox, events }: ResolvedOptions,
  metrics: MetricsRecorder,
): ScriptSandboxOptions {
  const logger = new PrintableLogger('ScriptSandbox');
  const killed = new TenantTally<Blame>(
    (_tenantId, count, last) => logger.warn(killedLine(count, last)),
    KILLS_ALONE,
  );
  return {
    isolation: sandbox.isolation,
    ...(sandbox.nodePath === undefined ? {} : { nodePath: sandbox.nodePath }),
    ...(sandbox.childPath === undefined ? {} : { childPath: sandbox.childPath }),
    processes: {
      min: sandbox.minProcesses,
      max: sandbox.maxProcesses,
      memoryMb: sandbox.maxProcessMemoryMb,
      keptMemoryMb: sandbox.keptMemoryMb,
      maxAgeMs: sandbox.maxProcessAgeMs,
    },
    limits: {
      timeoutMs: sandbox.timeoutMs,
      memoryMb: sandbox.memoryMb,
      sourceBytes: sandbox.maxSourceBytes,
      inputBytes: events.maxPayloadBytes,
      resultBytes: sandbox.maxResultBytes,
      logLines: sandbox.maxLogLines,
      logBytes: sandbox.maxLogBytes,
      publishes: events.maxPublishedPerRun,
      publishBytes: Math.min(sandbox.maxPublishedBytes, events.maxPayloadBytes),
      bindingCalls: sandbox.maxBindingCalls,
      bindingBytes: sandbox.maxBindingBytes,
      bindingTimeoutMs: sandbox.bindingTimeoutMs,
    },
    onEvent: (event) => report(event, logger, killed, metrics),
  };
}

/**
 * How many processes ended by a tenant's scripts are logged one by one within a minute; further ones are only counted.
 */
const KILLS_ALONE = 10;

function killedLine(count: number, blame: Blame): SubjectLine {
  const { version, kind, times } = blame;
  const more = count === 1 ? '' : ` (the last of ${count} of this tenant since the previous line)`;
  return lineAbout(
    { ...blame, scriptVersion: version },
    ({ script, ofTenant }) =>
      `Script ${script}${ofTenant} (version ${version}) ended a sandbox process (${kind}), ${times} times so far.${more}`,
  );
}

function report(
  event: SandboxEvent,
  logger: PrintableLogger,
  killed: TenantTally<Blame>,
  metrics: MetricsRecorder,
): void {
  switch (event.type) {
    case 'process-started':
      logger.debug(`Sandbox process ${event.pid} is ready after ${formatDuration(event.startMs)}.`);
      return;
    case 'process-ended':
      if (event.reason === 'stopped') killed.tell();
      else metrics.sandboxRestarted(event.reason);
      return;
    case 'process-killed':
      killed.add(event.blame.tenantId, event.blame);
      return;
    case 'crash-loop':
      logger.error(event.message);
      return;
    default: {
      const rest: never = event;
      return rest;
    }
  }
}
