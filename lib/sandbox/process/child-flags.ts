/** Megabytes of heap of the child's own code; isolates have limits of their own. */
const CHILD_HEAP_MB = 128;

/**
 * How a sandbox process is started.
 *
 * - `--no-node-snapshot`: isolated-vm needs it on Node.js 20 and later; given here, the host needs no flag
 * - `--no-expose-wasm`: WebAssembly compiles outside the limits of an isolate
 * - `--disable-proto=delete` and `--frozen-intrinsics` are not used: they change the child only, not the isolates
 */
export function childFlags(): string[] {
  return ['--no-node-snapshot', `--max-old-space-size=${CHILD_HEAP_MB}`, '--no-expose-wasm', '--no-warnings'];
}
