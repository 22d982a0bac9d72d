import { mostKeptMemoryMb } from '../common/kept-memory.js';
import { printable, valueInWords } from '../common/printable.js';
import { ProcessLimits, SandboxLimits } from './sandbox.limits.js';
import { SandboxOptionsError } from './sandbox.errors.js';

type Ranges<T> = { readonly [Field in keyof T]-?: readonly [low: number, high: number] };

const LIMIT_RANGES: Ranges<SandboxLimits> = {
  timeoutMs: [1, 600_000],
  memoryMb: [8, 1_024],
  sourceBytes: [1, 1_048_576],
  inputBytes: [2, 8_388_608],
  resultBytes: [4, 8_388_608],
  depth: [1, 1_000],
  logLines: [0, 100_000],
  logBytes: [0, 8_388_608],
  messageBytes: [64, 65_536],
  stackBytes: [64, 65_536],
  publishes: [0, 1_000],
  publishBytes: [2, 1_048_576],
  bindingCalls: [0, 10_000],
  bindingTimeoutMs: [1, 600_000],
  bindingBytes: [2, 8_388_608],
};

const PROCESS_RANGES: Ranges<ProcessLimits> = {
  min: [0, 256],
  max: [1, 256],
  computing: [1, 256],
  memoryMb: [128, 16_384],
  retireAt: [0.01, 1],
  maxRuns: [1, 10_000_000],
  maxAgeMs: [1_000, 604_800_000],
  idleMs: [100, 3_600_000],
  startTimeoutMs: [100, 600_000],
  keptMemoryMb: [1, 16_384],
};

/**
 * The limits in `base`, overridden by those in `given`. Throws {@link SandboxOptionsError} naming every problem at
 * once.
 */
export function mergeLimits(base: SandboxLimits, given: Partial<SandboxLimits> | undefined): SandboxLimits {
  return given === undefined ? base : merge('limits', base, given, LIMIT_RANGES);
}

/**
 * The default limits of the pool, overridden by those in `given`. Throws {@link SandboxOptionsError} for values out of
 * range, if `max` is below `min`, and if `keptMemoryMb` is more than a process can keep. If `given` has no `min`, the
 * default is lowered to `max`.
 */
export function mergeProcessLimits(given: Partial<ProcessLimits> | undefined): ProcessLimits {
  const merged = merge('processes', new ProcessLimits(), given ?? {}, PROCESS_RANGES);
  if (given?.min === undefined && merged.min > merged.max) merged.min = merged.max;
  if (merged.max < merged.min) {
    throw new SandboxOptionsError(
      `processes.max = ${merged.max} is less than processes.min = ${merged.min}; raise max or lower min`,
    );
  }
  const most = mostKeptMemoryMb(merged.memoryMb, merged.retireAt);
  if ((merged.keptMemoryMb ?? 0) > most) {
    throw new SandboxOptionsError(
      `processes.keptMemoryMb = ${merged.keptMemoryMb} is more than ${most}, the most that a process with memoryMb = ` +
        `${merged.memoryMb} and retireAt = ${merged.retireAt} can keep; raise memoryMb or lower keptMemoryMb`,
    );
  }
  return merged;
}

function merge<T extends object>(name: string, base: T, given: Partial<T>, ranges: Ranges<T>): T {
  const merged = { ...base };
  const problems: string[] = [];
  for (const field of Object.keys(given) as (keyof T & string)[]) {
    const value: unknown = given[field];
    if (value === undefined) continue;
    const problem = Object.hasOwn(ranges, field)
      ? rangeProblem(field, value, ranges[field])
      : 'is not an option';
    if (problem) problems.push(`${name}.${printable(field)} = ${valueInWords(value)} ${problem}`);
    else merged[field] = value as T[typeof field];
  }
  if (problems.length > 0) throw new SandboxOptionsError(problems.join('; '));
  return merged;
}

function rangeProblem(
  field: string,
  value: unknown,
  [low, high]: readonly [number, number],
): string | undefined {
  const whole = field !== 'retireAt';
  const fits =
    typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value));
  return fits ? undefined : `must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}`;
}
