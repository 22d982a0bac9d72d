import { type DatabaseFailure, databaseFailureOf } from './database-failure.js';

/** What a batching writer writes, and its bounds. */
export interface BatchingWriterOptions<T> {
  /** What the writer is called in errors and log lines, for example `execution writer`. */
  name: string;
  /**
   * Stores all items or none. May be called again with items it has stored already, when the answer was lost: it must
   * be idempotent (`ON CONFLICT DO NOTHING` on an id made by the application).
   */
  write: (items: readonly T[]) => Promise<unknown>;
  /** Bytes an item holds in memory; counts towards the byte bounds. Default 0 for each item. */
  sizeOf?: (item: T) => number;
  /** Whose an item is. Default: all of one. */
  tenantOf?: (item: T) => string;
  /** Called for each item that gave way to one of a tenant with less, after it was rejected. Its own exceptions are ignored. */
  onDisplaced?: (item: T) => void;
  /** Bad data or storage away? Default {@link databaseFailureOf}. */
  failureOf?: (error: unknown) => DatabaseFailure;
  /** Called for each item that storage refused for its content. Its own exceptions are ignored. */
  onRefused?: (item: T, error: unknown) => void;
  /** Called before each new attempt while storage is away. Its own exceptions are ignored. */
  onRetry?: (error: unknown, attempt: number, backlog: number) => void;
  /** Called when storage works again after `attempts` failures in a row. Its own exceptions are ignored. */
  onRecovered?: (attempts: number, backlog: number) => void;
  /** Most items in one call of `write`. Default 100. */
  maxBatchItems?: number;
  /** Most bytes in one call of `write`; a larger item goes alone. Default 4 MiB. */
  maxBatchBytes?: number;
  /** Longest time in milliseconds that an item waits for company after a flush. Default 10. */
  maxWaitMs?: number;
  /** Items kept while storage is slow or away; what comes on top is refused. Default 10,000. */
  maxBacklogItems?: number;
  /** The same in bytes. Default 64 MiB. */
  maxBacklogBytes?: number;
  /** First back-off in milliseconds; doubles with each attempt. Default 100. */
  retryMs?: number;
  /** Longest back-off in milliseconds. Default 5,000. */
  maxRetryMs?: number;
  /** A `write` that takes longer, in milliseconds, is given up and tried again. Default 30,000. */
  writeTimeoutMs?: number;
}

const MIB = 1024 * 1024;

/** Fills in the defaults. */
export function resolveWriterOptions<T>(
  options: BatchingWriterOptions<T>,
): Required<BatchingWriterOptions<T>> {
  return {
    sizeOf: () => 0,
    tenantOf: () => '',
    onDisplaced: () => undefined,
    failureOf: databaseFailureOf,
    onRefused: () => undefined,
    onRetry: () => undefined,
    onRecovered: () => undefined,
    maxBatchItems: 100,
    maxBatchBytes: 4 * MIB,
    maxWaitMs: 10,
    maxBacklogItems: 10_000,
    maxBacklogBytes: 64 * MIB,
    retryMs: 100,
    maxRetryMs: 5_000,
    writeTimeoutMs: 30_000,
    ...options,
  };
}
