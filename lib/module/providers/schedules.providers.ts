import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { isDurable } from '../../buffer/durable-event-buffer.js';
import { EventBuffer } from '../../buffer/event-buffer.js';
import { Clock } from '../../common/clock.js';
import { DeadLetterQueueRepository } from '../../dead-letter/store/dead-letter-queue.repository.js';
import { ExecutionService } from '../../execution/execution.service.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { changedScript } from '../../nodes/changed-script.js';
import { NodeChannel } from '../../nodes/node-channel.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { EventTriggerHandler } from '../../routing/event-trigger.handler.js';
import { CronScheduleReader } from '../../schedules/cron-schedule.reader.js';
import { ScheduleRepository } from '../../schedules/schedule.repository.js';
import type { ScheduleParts } from '../../schedules/schedule.batches.js';
import { ScheduleRunner } from '../../schedules/schedule.runner.js';
import { ScheduleRuns } from '../../schedules/schedule.runs.js';
import { ScheduleService } from '../../schedules/schedule.service.js';
import { TypeOrmScheduleRepository } from '../../schedules/typeorm-schedule.repository.js';
import { ScheduleReader } from '../../scripts/schedule-reader.js';
import { ScriptIndex } from '../../scripts/script-index.js';
import { ScriptIndexSync } from '../../scripts/script-index.sync.js';
import { ScriptSpans } from '../../tracing/script-spans.js';
import { HOST_DATA_SOURCE } from '../host-data-source.js';
import { make } from './make.js';

/**
 * Milliseconds added to the longest run. For so long, a process that has a schedule's event in memory counts as alive
 * without renewing its lease.
 */
const LEASE_MARGIN_MS = 30_000;
const leaseOf = ({ sandbox }: ResolvedOptions): number => sandbox.maxTimeoutMs + LEASE_MARGIN_MS;
/** Largest payload of a schedule, and what its event needs in addition to the payload, in bytes. */
const PAYLOAD_BYTES = { most: 16_384, event: 256 };

export const scheduleProviders = (): Provider[] => [
  ScheduleService,
  make(
    ScheduleReader,
    [RESOLVED_OPTIONS],
    ({ limits, schedules, events }: ResolvedOptions) =>
      new CronScheduleReader({
        most: limits.scriptSchedules,
        minIntervalMs: schedules.minIntervalMs,
        payloadBytes: Math.min(PAYLOAD_BYTES.most, events.maxPayloadBytes - PAYLOAD_BYTES.event),
      }),
  ),
  make(ScheduleRepository, [HOST_DATA_SOURCE], (source: DataSource) => new TypeOrmScheduleRepository(source)),
  make(
    ScheduleRuns,
    [ScheduleRepository, EventBuffer, RESOLVED_OPTIONS],
    (repository: ScheduleRepository, buffer: EventBuffer, options: ResolvedOptions) =>
      new ScheduleRuns(repository, {
        durable: isDurable(buffer),
        leaseMs: leaseOf(options),
        longestRunMs: options.sandbox.maxTimeoutMs,
      }),
  ),
  make(
    ScheduleRunner,
    [
      ScheduleRepository,
      ScheduleRuns,
      EventTriggerHandler,
      EventBuffer,
      ScriptIndex,
      ScriptIndexSync,
      ExecutionService,
      DeadLetterQueueRepository,
      MetricsRecorder,
      Clock,
      NodeChannel,
      RESOLVED_OPTIONS,
      ScriptSpans,
    ],
    (
      repository: ScheduleRepository,
      runs: ScheduleRuns,
      queue: EventTriggerHandler,
      buffer: EventBuffer,
      index: ScriptIndex,
      indexSync: ScriptIndexSync,
      executions: ExecutionService,
      deadLetters: DeadLetterQueueRepository,
      metrics: MetricsRecorder,
      clock: Clock,
      channel: NodeChannel,
      options: ResolvedOptions,
      spans: ScriptSpans,
    ) => {
      const parts: ScheduleParts = {
        repository,
        runs,
        queue,
        buffer,
        index,
        indexSync,
        executions,
        deadLetters,
        metrics,
        clock,
        spans,
      };
      const { schedules, events } = options;
      const leaseMs = leaseOf(options);
      const runner = new ScheduleRunner(parts, {
        pollMs: schedules.pollIntervalMs,
        missedAfterMs: schedules.missedAfterMs,
        leaseMs,
        watchMs: leaseMs,
        maxExecutionsPerRoot: events.maxExecutionsPerRoot,
      });
      channel.hear((text) => {
        if (changedScript(text)) runner.poke();
      });
      return runner;
    },
  ),
];
