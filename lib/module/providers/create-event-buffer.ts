import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { PrintableLogger } from '../../common/printable-logger.js';
import { GraphileWorkerEventBuffer } from '../../buffer/durable/graphile-worker.event-buffer.js';
import { DURABLE_TABLES, TypeOrmDurableDatabase } from '../../buffer/durable/typeorm-durable.database.js';
import { checkHostBuffer } from '../../buffer/durable-event-buffer.js';
import type { EventBuffer } from '../../buffer/event-buffer.js';
import { hostEventBuffer } from '../../buffer/host.event-buffer.js';
import { InMemoryEventBuffer } from '../../buffer/memory/in-memory.event-buffer.js';
import type { QueuedEvent } from '../../buffer/queued-event.js';
import type { Clock } from '../../common/clock.js';
import { ThrottledLog } from '../../common/throttled-log.js';
import { messageOf } from '../../common/errors.js';
import { lineAbout } from '../../common/log-line.js';
import type { SchemaCheck } from '../../entities/typeorm-schema-check.js';
import type { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { findProvider } from './find-provider.js';
import { sharedLimits } from '../../execution/run-limits.js';
import type { ScriptSandbox } from '../../sandbox/index.js';
import type { ScriptIndex } from '../../scripts/script-index.js';

/** Creates the event buffer that `buffer.adapter` or `buffer.driver` asks for. */
export function createEventBuffer(
  options: ResolvedOptions,
  dataSource: DataSource,
  schema: SchemaCheck,
  index: ScriptIndex,
  clock: Clock,
  metrics: MetricsRecorder,
  modules: ModuleRef,
  sandbox: ScriptSandbox,
): EventBuffer {
  const { adapter } = options.buffer;
  if (typeof adapter === 'function') {
    return hostEventBuffer(adapter as Type<EventBuffer>, (type) =>
      findProvider(modules, type, 'buffer.adapter'),
    );
  }
  if (adapter !== undefined) {
    checkHostBuffer(adapter as EventBuffer);
    return adapter as EventBuffer;
  }
  const { driver, size, workerCount, maxRunsPerScript } = options.buffer;
  const runsPerScript = (scriptId: string) => index.runLimitOf(scriptId) ?? maxRunsPerScript;
  const limits = sharedLimits(options, index);
  const severalTenants = () => index.hasSeveralTenants;
  const isHeavy = (tenantId: string) => sandbox.isHeavy(tenantId);
  const onTenantLight = (listener: (tenantId: string) => void) => sandbox.onTenantLight(listener);
  const nameOf = (scriptId: string) => index.nameOf(scriptId);
  if (driver === 'memory') {
    return new InMemoryEventBuffer(
      { size, workerCount, runsPerScript, limits, severalTenants, isHeavy, onTenantLight, nameOf },
      clock,
    );
  }
  schema.checkDataSource();
  schema.needs(DURABLE_TABLES);
  const log = new ThrottledLog(new PrintableLogger(GraphileWorkerEventBuffer.name), clock);
  return new GraphileWorkerEventBuffer(new TypeOrmDurableDatabase(dataSource), {
    ...durableSettings(options),
    runsPerScript,
    severalTenants,
    isHeavy,
    onTenantLight,
    sharedLimits: limits,
    onRefused: ({ id, type, scriptId, tenantId }: QueuedEvent, error: unknown) => {
      metrics.eventDropped('storage', 1);
      log.error(
        `refused ${tenantId}`,
        lineAbout(
          { tenantId, scriptId, scriptName: nameOf(scriptId), eventId: id },
          ({ event, script, ofTenant }) =>
            `Event${event} (${type}) for script ${script}${ofTenant} is lost: the database rejected it: ${messageOf(error)}`,
        ),
      );
    },
  });
}

function durableSettings({ buffer }: ResolvedOptions) {
  const { workerCount, schema, installSchema, preparedStatements, captureSize } = buffer;
  const { heartbeatMs, leaseMs, pollMs, redeliveryMs, eventIdMemoryMs } = buffer;
  return {
    workerCount,
    schema,
    installSchema,
    preparedStatements,
    captureSize,
    heartbeatMs,
    leaseMs,
    pollMs,
    redeliveryMs,
    eventIdMemoryMs,
  };
}
