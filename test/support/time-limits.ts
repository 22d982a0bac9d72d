/**
 * How long each test and hook may take before jest ends it, in milliseconds: at least four times what it took with three
 * workers on two busy cores.
 */
export const TIME_LIMITS = {
  /** The default. */
  usual: 20_000,
  /** Computes for seconds, waits for a lease to end, or starts an application: all of test/e2e and sample-app. */
  busy: 80_000,
  /** Starts several applications in turn, compiles or bundles one, or takes the database away. */
  long: 240_000,
  /** Breaks a running application and waits until it has made up for that: test/faults. */
  fault: 600_000,
} as const;

/** The limit in a program outside of jest, such as a node of test/faults. */
let limitMs: number = TIME_LIMITS.busy;

/** Sets the limit of each test and hook of the file. `time-limits.setup.ts` has set that of the folder before. */
export function limitTests(limit: keyof typeof TIME_LIMITS): void {
  limitMs = TIME_LIMITS[limit];
  jest.setTimeout(limitMs);
}

/** How long a test waits for a state: a quarter less than it may take, so that it fails with the name of that state. */
export const patienceMs = (): number => limitMs * 0.75;
