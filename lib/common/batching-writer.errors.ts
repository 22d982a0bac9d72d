import { ScriptsEventError } from './errors.js';

/** The writer took no more: its backlog is full because storage is slow or away. */
export class WriterFullError extends ScriptsEventError {
  readonly code = 'writer-full';
  override readonly category = 'unavailable';
  constructor(name: string, items: number, bytes: number) {
    const held = `${items} items, ${bytes} bytes`;
    super(`${name}: the backlog is full (${held}) because storage does not keep up or is away`, {
      retryable: true,
    });
  }
}

/** The writer was closed, before this item came or before it could be stored. */
export class WriterClosedError extends ScriptsEventError {
  readonly code = 'writer-closed';
  override readonly category = 'unavailable';
  constructor(name: string) {
    super(`${name}: the application is stopping and the writer is closed`);
  }
}

/** Storage refused this one item for what is in it; the cause is the storage's own error. */
export class WriteRefusedError extends ScriptsEventError {
  readonly code = 'write-refused';
  constructor(name: string, cause: unknown) {
    super(`${name}: storage refused this item for its content`, { cause });
  }
}
