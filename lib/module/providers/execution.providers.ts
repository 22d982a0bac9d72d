import type { Provider } from '@nestjs/common';
import { isDurable } from '../../buffer/durable-event-buffer.js';
import { EventBuffer } from '../../buffer/event-buffer.js';
import { EventRegistry } from '../../events/event-registry.js';
import { ExecutionRepository } from '../../execution/execution.repository.js';
import { ExecutionService } from '../../execution/execution.service.js';
import { ExecutionWriter } from '../../execution/execution.writer.js';
import { RunCommits } from '../../execution/run-commits.js';
import { RunCommitter } from '../../execution/run-committer.js';
import { RunsWithStore } from '../../execution/runs-with-store.js';
import { SandboxRuns } from '../../execution/sandbox-runs.js';
import { StoreQueues } from '../../execution/store-queues.js';
import { createMetricsRecorder } from '../../metrics/create-metrics.js';
import { InMemoryMetricsRecorder } from '../../metrics/in-memory.metrics.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { TenantNews } from '../../nodes/tenant-news.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { ScriptSandbox } from '../../sandbox/index.js';
import { ScriptIndex } from '../../scripts/script-index.js';
import { ScriptTypes } from '../../typings/script-types.service.js';
import { make } from './make.js';
import { sandboxOptions } from './sandbox-options.js';

export const executionProviders = (): Provider[] => [
  ExecutionService,
  ScriptTypes,
  SandboxRuns,
  StoreQueues,
  RunsWithStore,
  make(
    RunCommitter,
    [RunCommits, MetricsRecorder, TenantNews],
    (commits: RunCommits, metrics: MetricsRecorder, news: TenantNews) =>
      new RunCommitter(commits, metrics, news),
  ),
  make(
    ScriptSandbox,
    [RESOLVED_OPTIONS, MetricsRecorder],
    (options: ResolvedOptions, metrics: MetricsRecorder) =>
      new ScriptSandbox(sandboxOptions(options, metrics)),
  ),
  make(
    ExecutionWriter,
    [ExecutionRepository, MetricsRecorder, EventBuffer, ScriptIndex, TenantNews],
    (
      repository: ExecutionRepository,
      metrics: MetricsRecorder,
      buffer: EventBuffer,
      index: ScriptIndex,
      news: TenantNews,
    ) => {
      const bounds = isDurable(buffer) ? AWAITED_RECORDS : RECORDS;
      return new ExecutionWriter(repository, metrics, bounds, (id) => index.nameOf(id), news);
    },
  ),
  InMemoryMetricsRecorder,
  make(MetricsRecorder, [InMemoryMetricsRecorder, RESOLVED_OPTIONS, EventRegistry], createMetricsRecorder),
];

/**
 * The workers of a durable buffer wait until their record is stored, so a batch that waits for more records delays the
 * workers that would make them. With 1 ms instead of 10, one process did 1.5 times as many executions a second
 * (`npm run bench:durable`, 2 cores).
 */
const AWAITED_RECORDS = { maxWaitMs: 1 };

/**
 * In memory mode no worker waits for its record, and a batch costs PostgreSQL about as much as twenty records. In this
 * time two cores run up to six hundred scripts, and a person doesn't notice the delay.
 */
const RECORDS = { maxWaitMs: 30, maxBatchItems: 600 };
