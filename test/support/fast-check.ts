import fc from 'fast-check';

/**
 * The inputs are the same in each run: a change is then refused for what it does and not by luck. `FAST_CHECK_SEED=2`
 * tries others.
 */
fc.configureGlobal({ seed: Number(process.env.FAST_CHECK_SEED ?? 1) });

export default fc;
