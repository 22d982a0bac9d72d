/**
 * Whether tests run all rows of their tables, and cause each fault at its full size, as `.ci/run` does with
 * `TESTS=full`. The short form of `npm test` proves each promise once, so that a developer waits only minutes.
 */
export const FULL = process.env.TESTS === 'full' || process.env.FAULTS === 'full';

/** A test that the short form skips because another test proves the same promise: a comment names that one. */
export const itInFull = FULL ? it : it.skip;

/** A group of such tests. In the short form their hooks do not run either. */
export const describeInFull = FULL ? describe : describe.skip;

/**
 * The rows of `it.each` for a promise that both buffers keep. The short form runs the durable one, in which more can go
 * wrong.
 */
export const onBothBuffers = <Row>([memory, durable]: readonly [Row, Row]): Row[] =>
  FULL ? [memory, durable] : [durable];

/** Rows of a table whose tests differ little: in the short form the first one and each `step`-th after it. */
export const inShortOneIn = <Row>(step: number, table: readonly Row[]): readonly Row[] =>
  table.filter((_, position) => FULL || position % step === 0);
