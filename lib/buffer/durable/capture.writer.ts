import type { Logger } from '@nestjs/common';
import { BatchingWriter } from '../../common/batching-writer.js';
import { messageOf } from '../../common/errors.js';
import type { QueuedEvent } from '../queued-event.js';
import type { Sql } from './durable-database.js';
import type { DurableSettings } from './graphile-worker.options.js';
import type { JobWriter } from './job-writer.js';

/**
 * Writes what `emit()` brings, in batches, and waits in memory while the database is away.
 *
 * A batch whose answer was lost may have been written: it is written again, and its events then count as delivered once
 * before, so that whoever processes them looks whether they have run.
 */
export function captureWriter(
  sql: Sql,
  writer: JobWriter,
  settings: Pick<DurableSettings, 'captureSize' | 'onRefused'>,
  logger: Logger,
): BatchingWriter<QueuedEvent> {
  const uncertain = new WeakSet<QueuedEvent>();
  return new BatchingWriter({
    name: 'durable capture',
    write: async (events) => {
      try {
        await writer.write(sql, events, {
          once: false,
          deliveries: (event) => (uncertain.has(event) ? 1 : 0),
        });
      } catch (error) {
        for (const event of events) uncertain.add(event);
        throw error;
      }
    },
    sizeOf: (event) => event.payload.length,
    maxBatchItems: 500,
    maxWaitMs: 5,
    maxBacklogItems: settings.captureSize,
    onRefused: settings.onRefused,
    onRetry: (error, attempt, backlog) => {
      if (attempt > 1) return;
      logger.warn(`The database does not take events in; ${backlog} wait in memory: ${messageOf(error)}`);
    },
    onRecovered: (_, backlog) =>
      logger.log(`The database takes events in again; ${backlog} are being written.`),
  });
}
