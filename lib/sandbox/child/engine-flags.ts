import { setFlagsFromString } from 'node:v8';

/**
 * KiB of stack for a script, of 984. Scripts and this program share one: a script at the end of its own must leave enough
 * for what its calls do here, or they would fail half done, with an error of ours that names files of the host.
 */
const SCRIPT_STACK_KB = 864;
/**
 * The engine compiles warm functions in batches, and by default a batch is full before a new home has run any script: with
 * functions of ours that set up a realm and never run again. Such a batch has about 10,000 units. So functions of a
 * script are compiled once they are warm, and a home that serves a single run compiles none.
 */
const BATCH_UNITS = 16_384;

/** Sets how the engine works in this process. Call it before the first isolate is made. */
export function setEngineFlags(): void {
  setFlagsFromString(`--stack-size=${SCRIPT_STACK_KB}`);
  setFlagsFromString(`--baseline-batch-compilation-threshold=${BATCH_UNITS}`);
}
