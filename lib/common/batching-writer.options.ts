import { type DatabaseFailure, databaseFailureOf } from './database-failure.js';

/** What a batching writer writes, and its bounds. */
export interface BatchingWriterOptions<T> {
  /** Name of the writer in errors and log lines, for example `execution writer`. */
  name: string;
  /**
   * Stores all items or none. It must be idempotent (`ON CONFLICT DO NOTHING` on an id made by the application),
   * because it is called again with the same items if an answer was lost.
   */
  write: (items: readonly T[]) => Promise<unknown>;
  /** Bytes an item holds in memory; counts towards the byte bounds. Default 0 for each item. */
  sizeOf?: (item: T) => number;
  /** The tenant of an item. Default: one tenant for all. */
  tenantOf?: (item: T) => string;
  /**
   * Called for each item that was rejected to make room for an item of a tenant with less in the backlog. Its own
   * exceptions are ignored.
   */
  onDisplaced?: (item: T) => void;
  /** Tells bad data from unavailable storage. Default {@link databaseFailureOf}. */
  failureOf?: (error: unknown) => DatabaseFailure;
  /** Called for each item that storage refused for its content. Its own exceptions are ignored. */
  onRefused?: (item: T, error: unknown) => void;
  /** Called before each new attempt while storage is unavailable. Its own exceptions are ignored. */
  onRetry?: (error: unknown, attempt: number, backlog: number) => void;
  /** Called when storage works again after `attempts` failures in a row. Its own exceptions are ignored. */
  onRecovered?: (attempts: number, backlog: number) => void;
  /** Maximum number of items in one call of `write`. Default 100. */
  maxBatchItems?: number;
  /** Maximum number of bytes in one call of `write`; a larger item is written alone. Default 4 MiB. */
  maxBatchBytes?: number;
  /** How many milliseconds an item waits for others before it is written. Default 10. */
  maxWaitMs?: number;
  /** How many items are kept while storage is slow or unavailable. Further items are refused. Default 10,000. */
  maxBacklogItems?: number;
  /** How many bytes of items are kept while storage is slow or unavailable. Default 64 MiB. */
  maxBacklogBytes?: number;
  /** First delay before a new attempt, in milliseconds; doubles with each attempt. Default 100. */
  retryMs?: number;
  /** Longest delay before a new attempt, in milliseconds. Default 5,000. */
  maxRetryMs?: number;
  /** After how many milliseconds a `write` is given up and tried again. Default 30,000. */
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
