/**
 * Whether every test takes all of its table, and each fault is met at length, as `.ci/run` has it by `TESTS=full`. The
 * short form of `npm test` proves each promise once, so that a developer waits for minutes.
 */
export const FULL = process.env.TESTS === 'full' || process.env.FAULTS === 'full';

/** A test that the short form skips, since one of its other tests proves the same promise: a comment names it. */
export const itInFull = FULL ? it : it.skip;

/** Such tests, with hooks of their own, which do not run either. */
export const describeInFull = FULL ? describe : describe.skip;

/** What both buffers promise alike, for `it.each`: in the short form with the durable one, which more can go wrong in. */
export const onBothBuffers = <Row>([memory, durable]: readonly [Row, Row]): Row[] =>
  FULL ? [memory, durable] : [durable];

/** Rows of a table whose tests differ in little: in the short form the first and one in `step` of the others. */
export const inShortOneIn = <Row>(step: number, table: readonly Row[]): readonly Row[] =>
  table.filter((_, position) => FULL || position % step === 0);
