import { isRecord, jsonExceeds, type JsonValue } from '../../common/json.js';
import { messageOf } from '../../common/errors.js';
import { nameInWords } from '../../options/unknown-names.js';
import { isValueName, VALUE_NAME_RULE } from '../../common/value-names.js';
import { checkSecretValue } from '../../secrets/secret.checks.js';
import { RunSecrets } from '../../secrets/run-secrets.js';
import { CommandError } from '../cli.errors.js';
import { readJson } from './read-files.js';

/** Files with the secrets and variables of a tenant. */
export interface ValueFiles {
  secrets?: string;
  vars?: string;
}

/** Names from those files; undefined without the file. */
export interface ValueNames {
  secrets: readonly string[] | undefined;
  variables: readonly string[] | undefined;
}

const MOST_NAMES = 1_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** The secrets of a run, from `{ "name": "value" }`; undefined without a file. @throws CommandError */
export async function readSecrets(file: string | undefined): Promise<RunSecrets | undefined> {
  if (file === undefined) return undefined;
  const values = Object.entries(await readValues(file, '--secrets'));
  for (const [name, value] of values) checkSecret(file, name, value);
  return new RunSecrets(
    values.map(([name, value]) => ({
      name,
      // No host and no binding has to be allowed, because stand-ins get secrets in this process only.
      hosts: [],
      bindings: [],
      open: async () => value as string,
      used: () => undefined,
      refused: () => undefined,
    })),
  );
}

function checkSecret(file: string, name: string, value: JsonValue): void {
  try {
    checkSecretValue(value);
  } catch (error) {
    throw new CommandError(`The --secrets file ${file}: ${name}: ${messageOf(error)} Make one up.`);
  }
}

/** The variables of a run as text, from `{ "name": value }`; undefined without a file. @throws CommandError */
export async function readVariables(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : JSON.stringify(await readValues(file, '--vars'));
}

/** The names in both files, each of which may be a list of names as well. @throws CommandError */
export const readValueNames = async ({ secrets, vars }: ValueFiles): Promise<ValueNames> => ({
  secrets: secrets === undefined ? undefined : await readNames(secrets, '--secrets'),
  variables: vars === undefined ? undefined : await readNames(vars, '--vars'),
});

async function readNames(file: string, option: string): Promise<readonly string[]> {
  const given = await readJson(file, option.slice(2));
  if (!Array.isArray(given)) return Object.keys(checkValues(given, file, option));
  checkNames(given, file, option);
  return given;
}

const readValues = async (file: string, option: string): Promise<Record<string, JsonValue>> =>
  checkValues(await readJson(file, option.slice(2)), file, option);

function checkValues(given: unknown, file: string, option: string): Record<string, JsonValue> {
  if (!isRecord(given))
    throw new CommandError(`The ${option} file ${file} must hold a JSON object of values by name.`);
  checkNames(Object.keys(given), file, option);
  return given as Record<string, JsonValue>;
}

function checkNames(names: readonly unknown[], file: string, option: string): asserts names is string[] {
  const problem = (text: string): CommandError => new CommandError(`The ${option} file ${file}: ${text}.`);
  if (names.length > MOST_NAMES || jsonExceeds(names, MOST_BYTES))
    throw problem(`expected at most ${MOST_NAMES} names, got ${names.length}`);
  const wrong = names.find((name) => !isValueName(name));
  if (wrong !== undefined)
    throw problem(`${nameInWords(String(wrong))} can't be a name. Use ${VALUE_NAME_RULE}`);
}
