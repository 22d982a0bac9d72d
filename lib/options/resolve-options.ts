import { parseDuration } from '../common/duration.js';
import { isRecord } from '../common/json.js';
import { mostKeptMemoryMb, processMemoryFor } from '../common/kept-memory.js';
import { NEVER, ruleOf } from './option.decorators.js';
import { findMisspeltVariables, type OptionPath, readEnvironment, splitPath } from './options.env.js';
import { HealthOptions } from './health.options.js';
import { ScriptsEventOptionsError } from './options.errors.js';
import { findConflicts, findDoubts, IDLE_PROCESS_MB } from './options.relations.js';
import { findShortGrace } from './stop-time.js';
import { findInvalidOptions, findUnknownOptions, issueFor } from './options.validation.js';
import { SandboxOptions } from './sandbox.options.js';
import {
  type OptionGroup,
  type ResolvedOptions,
  type ResolvedValues,
  type ScriptsEventModuleOptions,
  ScriptsEventOptions,
} from './scripts-event.options.js';

/**
 * The options of one application: a value from code wins over the environment variable, which wins over the default.
 *
 * @throws ScriptsEventOptionsError that lists every problem
 */
export function resolveOptions(
  options: ScriptsEventModuleOptions = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedOptions {
  const { merged, fromEnvironment } = merge(options, readEnvironment(env));
  const issues = [...findUnknownOptions(options), ...findInvalidOptions(merged, fromEnvironment)];
  const wrong = new Set(issues.map((issue) => issue.option));
  const resolved = fillIn(withDefaults(merged, wrong));
  for (const { option, message } of findConflicts(resolved, wrong)) {
    issues.push(issueFor(option, valueAt(merged, option), message, merged, fromEnvironment));
  }
  if (issues.length > 0) throw new ScriptsEventOptionsError(issues);
  const warnings = [
    ...findMisspeltVariables(env),
    ...findDoubts(resolved),
    ...findShortGrace(env, resolved.shutdownTimeoutMs),
  ];
  return Object.freeze({ ...resolved, warnings: Object.freeze(warnings) });
}

/** Merges values: code over environment over defaults. Also returns which ones came from the environment. */
function merge(
  options: ScriptsEventModuleOptions,
  environment: Map<OptionPath, unknown>,
): { merged: ScriptsEventOptions; fromEnvironment: Set<OptionPath> } {
  const merged = new ScriptsEventOptions();
  const given: Record<string, unknown> = isRecord(options) ? options : {};
  const fromEnvironment = new Set(environment.keys());
  const take = (path: OptionPath, source: Record<string, unknown>): void => {
    const [group, field] = splitPath(path);
    const target = group === null ? merged : merged[group];
    const value = source[field] === undefined ? environment.get(path) : source[field];
    if (source[field] !== undefined) fromEnvironment.delete(path);
    if (value !== undefined) Object.assign(target, { [field]: value });
  };
  for (const [name, group] of Object.entries(merged)) {
    if (!isRecord(group)) take(name as OptionPath, given);
    else {
      const source = isRecord(given[name]) ? given[name] : {};
      for (const field of Object.keys(group)) take(`${name}.${field}` as OptionPath, source);
    }
  }
  return { merged, fromEnvironment };
}

/** The options with defaults in place of invalid values, so that calculations with them are possible. */
function withDefaults(options: ScriptsEventOptions, wrong: ReadonlySet<string>): ScriptsEventOptions {
  if (wrong.size === 0) return options;
  const right = new ScriptsEventOptions();
  for (const [name, value] of Object.entries(options) as [keyof ScriptsEventOptions, unknown][]) {
    const group: unknown = right[name];
    if (!isRecord(group)) {
      if (!wrong.has(name)) Reflect.set(right, name, value);
      continue;
    }
    for (const [field, given] of Object.entries(value as object))
      if (!wrong.has(`${name}.${field}`)) group[field] = given;
  }
  return right;
}

function fillIn(options: ScriptsEventOptions): ResolvedValues {
  const { buffer, health, index, sandbox } = options;
  const maxMemoryMb = sandbox.maxMemoryMb ?? Math.max(256, sandbox.memoryMb);
  const maxProcessMemoryMb =
    sandbox.maxProcessMemoryMb ??
    Math.max(512, maxMemoryMb + IDLE_PROCESS_MB, processMemoryFor(sandbox.keptMemoryMb ?? 0));
  const derived: Partial<ScriptsEventOptions['sandbox']> = {
    maxTimeout: sandbox.maxTimeout ?? Math.max(60_000, parseDuration(sandbox.timeout) ?? 0),
    maxMemoryMb,
    maxProcessMemoryMb,
    keptMemoryMb: sandbox.keptMemoryMb ?? mostKeptMemoryMb(maxProcessMemoryMb),
    maxProcesses: sandbox.maxProcesses ?? Math.max(1, sandbox.minProcesses, buffer.workerCount),
  };
  const maxIndexAge = health.maxIndexAge ?? Math.max(30_000, 3 * (parseDuration(index.pollInterval) ?? 0));
  return inMilliseconds({
    ...options,
    sandbox: Object.assign(new SandboxOptions(), sandbox, derived),
    health: Object.assign(new HealthOptions(), health, { maxIndexAge }),
  });
}

/**
 * Converts durations to milliseconds, under names that end in `Ms`; other options stay as they are. Groups are frozen.
 */
function inMilliseconds(options: ScriptsEventOptions): ResolvedValues {
  const groups = Object.entries(options)
    .filter(([, group]) => isRecord(group))
    .map(([name, group]: [string, object]) => [name, Object.freeze(convertGroup(group))]);
  return {
    ...(Object.fromEntries(groups) as Pick<ResolvedValues, OptionGroup>),
    shutdownTimeoutMs: parseDuration(options.shutdownTimeout) ?? Number.NaN,
  };
}

function convertGroup(group: object): Record<string, unknown> {
  const entries = Object.entries(group).map(([field, value]): [string, unknown] => {
    const kind = ruleOf(group, field)?.kind;
    if (kind === 'age' && value === NEVER) return [`${field}Ms`, Number.POSITIVE_INFINITY];
    if (kind === 'duration' || kind === 'age') return [`${field}Ms`, parseDuration(value) ?? Number.NaN];
    return [field, value];
  });
  return Object.fromEntries(entries);
}

function valueAt(options: ScriptsEventOptions, path: OptionPath): unknown {
  const [group, field] = splitPath(path);
  return Reflect.get(group === null ? options : options[group], field);
}
