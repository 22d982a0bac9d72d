/**
 * The package's source of time. There is one for each application, so that a test can move it. Leases, retry times and
 * retention don't use it: they use the database's clock, the only one that all nodes share.
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
