import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { answerOf, readStandIns } from '../../bindings/stand-ins.js';
import { BindingCallError } from '../../common/binding-call.error.js';
import { bindingNamesProblem } from '../../common/binding-names.js';
import { isRecord, JsonText, type JsonValue } from '../../common/json.js';
import { messageOf } from '../../common/errors.js';
import type { CallBinding } from '../../sandbox/index.js';
import { NO_SECRETS } from '../../bindings/binding-secrets.js';
import type { RunSecrets } from '../../secrets/run-secrets.js';
import { CommandError } from '../cli.errors.js';
import { readJson } from './read-files.js';

/** Stand-ins for bindings, and the function that answers their calls. */
export interface Stubs {
  bindings: readonly string[];
  callBinding: CallBinding;
}

/** For a run without stand-ins. Nothing calls `callBinding`, because there are no bindings. */
export const NO_STUBS: Stubs = { bindings: [], callBinding: async () => null };

/** Part of the module's address, so that a changed module is loaded again. */
let loads = 0;

/**
 * Loads the stand-ins of a module or a JSON file.
 *
 * @param secrets those of the run; answers and errors never contain their values
 * @throws CommandError if the file doesn't load, or a name can't be a binding
 */
export async function loadStubs(file: string, secrets?: RunSecrets): Promise<Stubs> {
  const isJson = extname(file) === '.json';
  const stubs = isJson
    ? readStubs(file, await readJson(file, 'stand-ins'), secrets)
    : await moduleStubs(file, secrets);
  return secrets ? { ...stubs, callBinding: masked(stubs.callBinding, secrets) } : stubs;
}

/** Masks secrets in answers and errors, as an application's bindings do. */
const masked =
  (call: CallBinding, secrets: RunSecrets): CallBinding =>
  async (name, input, ending) => {
    await secrets.open();
    try {
      const answer = await call(name, input, ending);
      return new JsonText(secrets.maskJson(JSON.stringify(answer) ?? 'null'));
    } catch (error) {
      if (!(error instanceof BindingCallError)) throw error;
      throw new BindingCallError(error.code, secrets.mask(error.message), { cause: error });
    }
  };

async function moduleStubs(file: string, secrets: RunSecrets | undefined): Promise<Stubs> {
  const context = {
    secrets: secrets ? { resolve: (text: string) => secrets.fill(text, { inProcess: true }) } : NO_SECRETS,
  };
  const stubs = new Map(leaves(await load(file), ''));
  const problem = bindingNamesProblem([...stubs.keys()]);
  if (problem !== null) throw new CommandError(`The --bindings module ${file}: ${problem}`);
  return {
    bindings: [...stubs.keys()],
    callBinding: async (name, input, signal) => {
      const stub = stubs.get(name);
      if (typeof stub !== 'function') return stub as JsonValue;
      try {
        const call = stub as (input: JsonValue, context: object) => unknown;
        return (await call(input, { ...context, signal })) as JsonValue;
      } catch (error) {
        // The code is the author's own, so its message may be shown.
        throw new BindingCallError(codeOf(error), `${name} failed: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

/** Reads answers and errors as JSON, as a test run does. */
function readStubs(file: string, given: unknown, secrets: RunSecrets | undefined): Stubs {
  const { standIns, problems } = readStandIns(given, () => null);
  const [first] = problems;
  if (first) throw new CommandError(`The --bindings file ${file}: ${first.path}: ${first.message}`);
  const bindings = [...standIns.keys()];
  const problem = bindingNamesProblem(bindings);
  if (problem !== null) throw new CommandError(`The --bindings file ${file}: ${problem}`);
  const callBinding: CallBinding = async (name, input) =>
    answerOf(name, standIns.get(name) ?? [], secrets ? secrets.maskValue(input) : input);
  return { bindings, callBinding };
}

/** The code of an error that a stand-in throws; `failed` if it names none. */
const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && code !== '' ? code : 'failed';
};

async function load(file: string): Promise<Record<string, unknown>> {
  const path = resolve(file);
  try {
    delete require.cache[path];
    const loaded = (await import(`${pathToFileURL(path).href}?load=${(loads += 1)}`)) as Record<
      string,
      unknown
    >;
    // A CommonJS module is the default export; Node.js repeats some of its names beside it.
    return isRecord(loaded.default) ? loaded.default : loaded;
  } catch (error) {
    throw new CommandError(`The --bindings module can't be loaded: ${messageOf(error)}`, { cause: error });
  }
}

/** Functions and plain values by their dotted names; plain objects are groups. */
function leaves(node: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(node).flatMap(([name, value]): [string, unknown][] =>
    isRecord(value) && Object.getPrototypeOf(value) === Object.prototype
      ? leaves(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value]],
  );
}
