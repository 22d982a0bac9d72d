import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { storeCallOf } from '../../common/built-in-calls.js';
import { isEventTypeName, EVENT_TYPE_RULE, SCHEDULE_EVENT_TYPE } from '../../common/event-type-name.js';
import { isRecord, type JsonObject } from '../../common/json.js';
import { EventRegistry } from '../../events/event-registry.js';
import { pickPayload } from '../../events/payload-json.js';
import { SCHEDULE_FIELDS, triedScheduleInput } from '../../events/schedule-input.js';
import { explainFilter, FilterError, type FilterExplanation, parseFilter } from '../../filters/index.js';
import { suggestName } from '../../common/suggest-name.js';
import type { Outcome, ScriptSandbox } from '../../sandbox/index.js';
import { filterWarnings } from '../../scripts/filter-warnings.js';
import type { TypeStripper } from '../../scripts/typescript/type-stripper.js';
import { CommandError } from '../cli.errors.js';
import { javascriptOf } from '../script-file.js';
import { readJson, readText } from './read-files.js';
import type { RunOptions } from './run.options.js';
import { maskedOutcome } from '../../execution/masked-outcome.js';
import { digest, isDigestCall } from '../../secrets/sdk-digest.js';
import { RunStore } from '../../store/run-store.js';
import { readStore } from './store-file.js';
import { loadStubs, NO_STUBS } from './stubs.js';
import { readSecrets, readVariables } from './tenant-values.js';

/** The result of one run of the command. */
export interface Attempt {
  source: string;
  /** Further notes for the author. */
  warnings: string[];
  /** Absent without a filter. */
  filter: FilterExplanation | undefined;
  /** Absent if the filter did not match. */
  outcome: Outcome | undefined;
}

/** The sandbox and the type stripper, created once for all runs of the command. */
export interface Engine {
  sandbox: ScriptSandbox;
  types: TypeStripper;
}

const catalogue = new EventRegistry();

/** Reads all files again and runs the script. @throws CommandError @throws SandboxStartError */
export async function attempt(
  file: string,
  options: RunOptions,
  { sandbox, types }: Engine,
  signal: AbortSignal,
): Promise<Attempt> {
  const source = await readText(file, 'script');
  const warnings: string[] = [];
  const input = await readInput(options, warnings);
  const filter = await explain(options, input, warnings);
  if (filter && !filter.matched) return { source, warnings, filter, outcome: undefined };
  const secrets = await readSecrets(options.secrets);
  const variablesText = await readVariables(options.vars);
  const stubs = options.bindings === undefined ? NO_STUBS : await loadStubs(options.bindings, secrets);
  const stripped = await javascriptOf(file, source, types);
  if ('problem' in stripped) return { source, warnings, filter, outcome: syntaxError(stripped.problem) };
  const id = randomUUID();
  const owner = { tenantId: options.tenant, scriptId: basename(file) };
  // The store is in memory, so what the script writes ends with the run.
  const store = new RunStore(await readStore(options.store, owner.scriptId), owner);
  await sandbox.start();
  const outcome = await sandbox.run({
    source: stripped.javascript,
    input,
    ...owner,
    version: 0,
    event: { id, type: options.event, occurredAt: new Date().toISOString(), depth: 0 },
    actor: options.actor === undefined ? null : { id: options.actor },
    reservedEventTypes: catalogue.types(),
    signal,
    bindings: stubs.bindings,
    callBinding: async (name, args, ending) => {
      if (isDigestCall(name)) return digest(name, args, secrets);
      if (!storeCallOf(name)) return stubs.callBinding(name, args, ending);
      return store.call(name, secrets ? secrets.maskValue(args) : args);
    },
    secrets,
    variablesText,
  });
  return { source, warnings, filter, outcome: secrets ? maskedOutcome(outcome, secrets) : outcome };
}

async function readInput({ event, input: file }: RunOptions, warnings: string[]): Promise<JsonObject> {
  if (!isEventTypeName(event))
    throw new CommandError(
      `--event ${JSON.stringify(event)} is not a valid event type. Use ${EVENT_TYPE_RULE}.`,
    );
  const input = file === undefined ? {} : await readJson(file, 'input');
  if (!isRecord(input)) throw new CommandError('The input must be a JSON object.');
  const scheduled = event === SCHEDULE_EVENT_TYPE;
  const known = scheduled ? { fields: SCHEDULE_FIELDS } : catalogue.get(event);
  if (!known) warnings.push(unknownType(event));
  const fields: readonly string[] | null = known?.fields ?? null;
  const ignored = Object.keys(input).filter((name) => fields && !fields.includes(name));
  if (ignored.length > 0)
    warnings.push(`${event} does not declare ${ignored.join(', ')}; left out, as in a real event.`);
  const given = scheduled ? triedScheduleInput(Date.now(), input, null) : input;
  return pickPayload(event, given, fields) as JsonObject;
}

function unknownType(event: string): string {
  const near = suggestName(event, catalogue.types());
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  return `${event} is not in the catalogue; your application or a script has to publish it.${meant}`;
}

async function explain(
  { event, filter: file }: RunOptions,
  input: JsonObject,
  warnings: string[],
): Promise<FilterExplanation | undefined> {
  if (file === undefined) return undefined;
  const json = await readJson(file, 'filter');
  try {
    const filter = parseFilter(json);
    warnings.push(...filterWarnings(filter, [{ type: event, fields: catalogue.get(event)?.fields ?? null }]));
    return explainFilter(filter, input);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new CommandError(`The filter in ${file} is invalid: ${error.message}`, { cause: error });
  }
}

const syntaxError = (problem: { message: string; line?: number }): Outcome => ({
  status: 'failed',
  error: { kind: 'syntax', ...problem },
  logs: [],
  published: [],
  metrics: { durationMs: 0, cpuMs: 0, bindingCalls: 0, logsDropped: 0 },
});
