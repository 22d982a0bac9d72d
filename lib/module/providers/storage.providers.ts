import type { Provider, Type } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { ActivityRepository } from '../../activity/activity.repository.js';
import { TypeOrmActivityRepository } from '../../activity/typeorm-activity.repository.js';
import { ScriptHealthRepository } from '../../breaker/script-health.repository.js';
import { TypeOrmScriptHealthRepository } from '../../breaker/typeorm-script-health.repository.js';
import { EventBuffer } from '../../buffer/event-buffer.js';
import { Clock } from '../../common/clock.js';
import { DeadLetterQueueRepository } from '../../dead-letter/store/dead-letter-queue.repository.js';
import { TypeOrmDeadLetterQueueRepository } from '../../dead-letter/store/typeorm-dead-letter-queue.repository.js';
import { FENCE_SEQUENCE } from '../../entities/fence-sequence.js';
import { STORE_USAGE_TABLE } from '../../entities/store-usage-table.js';
import { SchemaCheck } from '../../entities/typeorm-schema-check.js';
import { ExecutionRepository } from '../../execution/execution.repository.js';
import { RunCommits } from '../../execution/run-commits.js';
import { STATISTICS_TABLE } from '../../execution/statistics.sql.js';
import { TypeOrmRunCommits } from '../../execution/typeorm-run-commits.js';
import { TypeOrmExecutionRepository } from '../../execution/typeorm-execution.repository.js';
import { DatabasePing } from '../../health/database.ping.js';
import { TypeOrmDatabasePing } from '../../health/typeorm-database.ping.js';
import { MetricsRecorder } from '../../metrics/metrics.recorder.js';
import { NodeChannel } from '../../nodes/node-channel.js';
import { NodeMessages } from '../../nodes/node-messages.js';
import { TenantNews } from '../../nodes/tenant-news.js';
import { TypeOrmNodeChannel } from '../../nodes/typeorm-node-channel.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { RetentionRepository } from '../../retention/retention.repository.js';
import { TypeOrmRetentionRepository } from '../../retention/typeorm-retention.repository.js';
import { SCHEDULES_TABLE } from '../../schedules/typeorm-schedule.repository.js';
import { ActiveScripts } from '../../scripts/active-scripts.js';
import { ScriptIndex } from '../../scripts/script-index.js';
import { ScriptRepository } from '../../scripts/script.repository.js';
import { ScriptSandbox } from '../../sandbox/index.js';
import { TypeOrmActiveScripts } from '../../scripts/typeorm-active-scripts.js';
import { TypeOrmScriptRepository } from '../../scripts/typeorm-script.repository.js';
import { ScriptStoreRepository } from '../../store/script-store.repository.js';
import { StoreReader } from '../../store/store.reader.js';
import { TypeOrmScriptStoreRepository } from '../../store/typeorm-script-store.repository.js';
import { StoreTurns } from '../../store/store.turns.js';
import { TypeOrmStore } from '../../store/typeorm-store.js';
import { TypeOrmStoreTurns } from '../../store/typeorm-store-turns.js';
import { HOST_MODULE_REF } from '../host-modules.js';
import { HOST_DATA_SOURCE, hostDataSource } from '../host-data-source.js';
import { createEventBuffer } from './create-event-buffer.js';
import { make } from './make.js';

/** The adapters of all storage ports for the host's DataSource. Nothing outside of them uses TypeORM. */
export function storageProviders(dataSourceName: string | undefined): Provider[] {
  return [
    hostDataSource(dataSourceName),
    make(
      SchemaCheck,
      [HOST_DATA_SOURCE],
      (source: DataSource) =>
        new SchemaCheck(source, [FENCE_SEQUENCE, STATISTICS_TABLE, SCHEDULES_TABLE, STORE_USAGE_TABLE]),
    ),
    make(
      EventBuffer,
      [
        RESOLVED_OPTIONS,
        HOST_DATA_SOURCE,
        SchemaCheck,
        ScriptIndex,
        Clock,
        MetricsRecorder,
        HOST_MODULE_REF,
        ScriptSandbox,
      ],
      createEventBuffer,
    ),
    make(
      ScriptRepository,
      [HOST_DATA_SOURCE, RESOLVED_OPTIONS],
      (source: DataSource, { limits }: ResolvedOptions) =>
        new TypeOrmScriptRepository(source, limits.tenantScripts),
    ),
    adapter(ActiveScripts, TypeOrmActiveScripts),
    adapter(NodeChannel, TypeOrmNodeChannel),
    make(NodeMessages, [NodeChannel], (channel: NodeChannel) => new NodeMessages(channel)),
    TenantNews,
    adapter(ExecutionRepository, TypeOrmExecutionRepository),
    make(
      TypeOrmStore,
      [HOST_DATA_SOURCE, RESOLVED_OPTIONS],
      (source: DataSource, { limits }: ResolvedOptions) => new TypeOrmStore(source, limits),
    ),
    { provide: StoreReader, useExisting: TypeOrmStore },
    adapter(StoreTurns, TypeOrmStoreTurns),
    make(
      ScriptStoreRepository,
      [HOST_DATA_SOURCE, TypeOrmStore, RESOLVED_OPTIONS],
      (source: DataSource, store: TypeOrmStore, { limits }: ResolvedOptions) =>
        new TypeOrmScriptStoreRepository(source, store, limits),
    ),
    make(
      RunCommits,
      [HOST_DATA_SOURCE, TypeOrmStore],
      (source: DataSource, store: TypeOrmStore) => new TypeOrmRunCommits(source, store),
    ),
    make(
      DeadLetterQueueRepository,
      [HOST_DATA_SOURCE, TenantNews],
      (source: DataSource, news: TenantNews) => new TypeOrmDeadLetterQueueRepository(source, news),
    ),
    adapter(ActivityRepository, TypeOrmActivityRepository),
    adapter(RetentionRepository, TypeOrmRetentionRepository),
    adapter(DatabasePing, TypeOrmDatabasePing),
    make(
      ScriptHealthRepository,
      [HOST_DATA_SOURCE, RESOLVED_OPTIONS],
      (source: DataSource, { breaker }: ResolvedOptions) =>
        new TypeOrmScriptHealthRepository(source, breaker.maxHeld),
    ),
  ];
}

/** Provides a port by its adapter for the host's DataSource. */
const adapter = <T>(port: Abstract<T>, type: Type<T & object> | (new (source: DataSource) => T)): Provider =>
  make(port, [HOST_DATA_SOURCE], (source: DataSource) => new type(source));

type Abstract<T> = abstract new (...args: never[]) => T;
