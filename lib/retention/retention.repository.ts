import type { TableSize } from '../metrics/metrics.recorder.js';
import type { RetainedKind } from './retained-rows.js';

/** Which rows one batch deletes. */
export interface DeletionRequest {
  kind: RetainedKind;
  /** Only rows that are older, in milliseconds by the database's clock. */
  olderThanMs: number;
  /** Largest number of rows. */
  limit: number;
  /** `reached` of the previous batch, so that deleted rows are not read again; null for the first batch. */
  from: string | null;
}

/** The result of one batch. `busy`: another process is deleting, so nothing was done. */
export type DeletedBatch = { busy: true } | { busy: false; deleted: number; reached: string | null };

/** Port to the tables that grow without end. */
export abstract class RetentionRepository {
  /**
   * Deletes the oldest rows, in a transaction of its own. Of several processes that call it at the same time, one
   * deletes and the others get `busy`. Locked rows are skipped. So a call never waits.
   */
  abstract deleteBatch(request: DeletionRequest): Promise<DeletedBatch>;

  /** Sizes of this package's tables, from PostgreSQL's catalog, without reading rows. */
  abstract tableSizes(): Promise<TableSize[]>;
}
