import fc from 'fast-check';
import { FULL } from './test-form';

/**
 * The inputs are the same in each run, so that a test fails because of a change and not by chance. `FAST_CHECK_SEED=2`
 * tries others. The short form tries the first third of them.
 */
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1), numRuns: runs(100) });

/** How many inputs a property that asks for `full` gets in this form. */
export function runs(full: number): number {
  return FULL ? full : Math.ceil(full / 3);
}

export default fc;
