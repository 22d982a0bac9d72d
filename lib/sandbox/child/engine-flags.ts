import { setFlagsFromString } from 'node:v8';

/**
 * How many KiB of the stack a script may use. The stack has 984, which scripts and this program share: when a script
 * reaches its limit, its calls of this program must still find room. Otherwise they would fail half done, with an error
 * of ours that names files of the host.
 */
const SCRIPT_STACK_KB = 864;
/**
 * The engine compiles warm functions in batches. With its default, functions of ours that set up a realm and never run
 * again fill a batch before a new home has run any script; such a batch has about 10,000 units. With this size, the
 * functions of a script are compiled once they are warm, and a home that serves a single run compiles none.
 */
const BATCH_UNITS = 16_384;

/** Sets how the engine works in this process. Call it before the first isolate is made. */
export function setEngineFlags(): void {
  setFlagsFromString(`--stack-size=${SCRIPT_STACK_KB}`);
  setFlagsFromString(`--baseline-batch-compilation-threshold=${BATCH_UNITS}`);
}
