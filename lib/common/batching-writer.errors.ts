import { ScriptsEventError } from './errors.js';

/** The writer refused an item: its backlog is full because storage is slow or unavailable. */
export class WriterFullError extends ScriptsEventError {
  readonly code = 'writer-full';
  override readonly category = 'unavailable';
  constructor(name: string, items: number, bytes: number) {
    const held = `${items} items, ${bytes} bytes`;
    super(`${name}: the backlog is full (${held}) because the database is too slow or unavailable`, {
      retryable: true,
    });
  }
}

/** The writer was closed before this item was added or could be stored. */
export class WriterClosedError extends ScriptsEventError {
  readonly code = 'writer-closed';
  override readonly category = 'unavailable';
  constructor(name: string) {
    super(`${name}: the writer is closed because the application is stopping`);
  }
}

/** Storage refused this item because of its content. The cause is the storage's own error. */
export class WriteRefusedError extends ScriptsEventError {
  readonly code = 'write-refused';
  constructor(name: string, cause: unknown) {
    super(`${name}: the database rejected the content of this item`, { cause });
  }
}
