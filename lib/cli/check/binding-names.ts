import { isBindingName } from '../../common/binding-names.js';
import { isRecord } from '../../common/json.js';
import { nameInWords } from '../../options/unknown-names.js';
import { freeReferences } from '../../scripts/free-references.js';
import type { ValueProblem } from '../../scripts/value-problems.js';
import type { DescribedBinding } from '../../typings/script-types.js';
import { CommandError } from '../cli.errors.js';
import { readJson } from '../run/read-files.js';

/** The names in a file: a JSON list, or the stand-ins of `run`; undefined without a file. @throws CommandError */
export async function readBindingNames(file: string | undefined): Promise<readonly string[] | undefined> {
  if (file === undefined) return undefined;
  const given = await readJson(file, 'bindings');
  const names: readonly unknown[] | undefined = isRecord(given)
    ? Object.keys(given)
    : Array.isArray(given)
      ? given
      : undefined;
  if (!names)
    throw new CommandError(
      `The --bindings file ${file} must hold a JSON list of names, or stand-ins by name.`,
    );
  const wrong = names.find((name) => !isBindingName(name));
  if (wrong !== undefined)
    throw new CommandError(
      `The --bindings file ${file}: ${nameInWords(String(wrong))} is not a dotted name such as crm.findClient.`,
    );
  return names as string[];
}

/** Calls of bindings that exist but that the script may not call. The type check reports those that don't exist. */
export async function bindingProblems(
  javascript: string,
  existing: readonly DescribedBinding[],
  allowed: readonly string[],
): Promise<ValueProblem[]> {
  const names = new Set([...existing.map(({ name }) => name), ...allowed]);
  const roots = new Set([...names].map((name) => name.split('.')[0] as string));
  return (await freeReferences(javascript, roots)).flatMap(({ path, line }) => {
    const called = path.map((_, end) => path.slice(0, end + 1).join('.'));
    if (called.some((name) => allowed.includes(name))) return [];
    const name = called.find((candidate) => names.has(candidate));
    const message = `"${name}" is not among the script's bindings. Add it to them.`;
    return name === undefined ? [] : [{ line, message }];
  });
}
