import type { BindingContext, BindingRun } from '../../lib/bindings/binding-context.js';
import { BindingRegistry, type BindingSettings } from '../../lib/bindings/binding.registry.js';
import type { JsonValue } from '../../lib/common/json.js';
import { lineAsText } from '../../lib/common/log-line.js';
import { ThrottledLog } from '../../lib/common/throttled-log.js';
import { InMemoryMetricsRecorder } from '../../lib/metrics/in-memory.metrics.js';
import { FakeClock } from '../../lib/testing/index.js';

/** A binding registry, with the metrics and warnings that it writes. */
export function bindingRegistry(settings: Partial<BindingSettings> = {}) {
  const metrics = new InMemoryMetricsRecorder();
  const warnings: string[] = [];
  const log = new ThrottledLog({ warn: (line) => warnings.push(lineAsText(line)) }, new FakeClock());
  const registry = new BindingRegistry({ timeoutMs: 5_000, maxBytes: 1_000, ...settings }, metrics, log);
  return { registry, metrics, warnings };
}

/** A run of tenant `acme` that may call the bindings `allowed`. */
export const bindingRun = (allowed: readonly string[] | null): BindingRun => ({
  context: {
    tenantId: 'acme',
    scriptId: 'script-1',
    scriptName: 'Welcome',
    scriptVersion: 3,
    executionId: 'execution-1',
    attempt: 2,
    idempotencyKey: 'key-1',
    event: { id: 'event-1', type: 'user.created' },
    actorId: 'clerk',
    fencingToken: null,
  },
  allowed,
});

/** Declares a function as a binding. */
export function declare(
  registry: BindingRegistry,
  name: string,
  invoke: (input: never, context: BindingContext) => unknown,
  more: { input?: new () => object; timeoutMs?: number } = {},
): void {
  const { input, timeoutMs } = more;
  const rest = { description: undefined, result: undefined, method: `Test.${name}` };
  registry.declare({ ...rest, name, input, timeoutMs, invoke });
}

/** Calls a binding the script may call, and reads the answer. */
export async function call(
  registry: BindingRegistry,
  name: string,
  input: JsonValue = null,
  signal: AbortSignal = new AbortController().signal,
): Promise<unknown> {
  const { text } = await registry.call(name, input, bindingRun([name]), signal);
  return JSON.parse(text);
}
