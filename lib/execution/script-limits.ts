import type { ScriptLimits } from '../entities/index.js';
import type { ResolvedOptions } from '../options/scripts-event.options.js';

/** A script's own limits, held within what the host allows since they were saved. */
export function limitsOf(
  limits: Readonly<ScriptLimits> | null,
  { timeoutMs, maxTimeoutMs, memoryMb, maxMemoryMb }: ResolvedOptions['sandbox'],
): { timeoutMs: number; memoryMb: number } {
  return {
    timeoutMs: Math.min(limits?.timeoutMs ?? timeoutMs, maxTimeoutMs ?? Infinity),
    memoryMb: Math.min(limits?.memoryMb ?? memoryMb, maxMemoryMb),
  };
}
