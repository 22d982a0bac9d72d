import { isRecord } from '../../common/json.js';
import { fieldsProblem } from '../../options/strict-fields.js';
import { nameInWords } from '../../options/unknown-names.js';
import { MemoryStoreReader } from '../../store/memory-store.reader.js';
import { type Read, readKey, readValueText } from '../../store/store.rules.js';
import { SHARED_SCOPE } from '../../store/store.types.js';
import { CommandError } from '../cli.errors.js';
import { readJson } from './read-files.js';

/**
 * The initial store of a run: `{ "script": { "key": value }, "tenant": { "key": value } }`; nothing without a file.
 *
 * @throws CommandError
 */
export async function readStore(file: string | undefined, scriptId: string): Promise<MemoryStoreReader> {
  if (file === undefined) return new MemoryStoreReader();
  const given: unknown = await readJson(file, 'store');
  const problem = fieldsProblem('the store', given, ['script', 'tenant']);
  if (problem) throw new CommandError(`The --store file ${file}: ${problem.message}.`);
  const { script, tenant } = given as { script?: unknown; tenant?: unknown };
  return new MemoryStoreReader(
    new Map([
      [scriptId, valuesOf(file, 'script', script)],
      [SHARED_SCOPE, valuesOf(file, 'tenant', tenant)],
    ]),
  );
}

function valuesOf(file: string, part: string, given: unknown = {}): Map<string, string> {
  if (!isRecord(given))
    throw new CommandError(`The --store file ${file}: ${part} must be an object of values by key.`);
  const valid = <T>(key: string, read: Read<T>): T => {
    if ('value' in read) return read.value;
    throw new CommandError(`The --store file ${file}: ${part}.${nameInWords(key)}: ${read.problem}.`);
  };
  return new Map(
    Object.entries(given).map(([key, value]) => [
      valid(key, readKey(key, 'key')),
      valid(key, readValueText(JSON.stringify(value))),
    ]),
  );
}
