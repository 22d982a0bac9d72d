import type { TableSize } from '../metrics/metrics.recorder.js';
import type { RetainedKind } from './retained-rows.js';

/** Which rows to delete, and how many. */
export interface DeletionRequest {
  kind: RetainedKind;
  /** Only rows that are older, in milliseconds by the database's clock. */
  olderThanMs: number;
  /** Most rows. */
  limit: number;
  /** `reached` of the batch before, so that what it has deleted is not read again; null for the first one. */
  from: string | null;
}

/** What became of one batch. `busy`: another process deletes at this moment, and nothing was done. */
export type DeletedBatch = { busy: true } | { busy: false; deleted: number; reached: string | null };

/** Port to the rows that grow without end. */
export abstract class RetentionRepository {
  /**
   * Deletes the oldest rows in a transaction of its own. Of several processes that ask at the same time one does it, and
   * a row that somebody works on is passed over: neither waits for the other.
   */
  abstract deleteBatch(request: DeletionRequest): Promise<DeletedBatch>;

  /** Sizes of this package's tables, from the catalog: no row is read. */
  abstract tableSizes(): Promise<TableSize[]>;
}
