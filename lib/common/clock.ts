/**
 * Where the package reads the time. One instance per application, so that a test can move it.
 * Leases, retry times and retention do not use it: they go by the database's clock, the only one all nodes share.
 */
export abstract class Clock {
  /** Milliseconds since the epoch. */
  abstract now(): number;
}

/** The machine's clock. */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}
