import { printable } from '../common/printable.js';
import { suggestName } from '../common/suggest-name.js';
import { OBJECT_NAMES } from '../common/value-names.js';
import { type FreeReference, freeReferences } from './free-references.js';

const ROOTS: ReadonlySet<string> = new Set(['secrets', 'vars']);
/** How many problems are listed; further ones are counted. */
const LISTED = 5;

/** The names that a script can read in `secrets` and `vars`. null: unknown, so nothing is reported. */
export interface KnownValues {
  /** Names of the script's secrets. */
  readonly allowed: readonly string[] | null;
  /** Names of all secrets of the tenant. */
  readonly secrets: readonly string[] | null;
  readonly variables: readonly string[] | null;
}

/** An unknown name that a script reads. */
export interface ValueProblem {
  readonly line: number;
  readonly message: string;
}

/** The names that a source reads from `secrets` and `vars`, each once. */
export const valuesRead = async (source: string): Promise<FreeReference[]> =>
  (await freeReferences(source, ROOTS)).filter(
    ({ path: [, name] }) => name !== undefined && !OBJECT_NAMES.has(name),
  );

/** The unknown names in a script, each with a suggestion. */
export function valueProblems(read: readonly FreeReference[], known: KnownValues): ValueProblem[] {
  const { allowed, variables } = known;
  const lacking = read.filter(({ path: [root, name = ''] }) => {
    const names = root === 'vars' ? variables : allowed;
    return names !== null && !names.includes(name);
  });
  const problems = lacking.slice(0, LISTED).map(({ path: [root, name = ''], line }) => ({
    line,
    message: root === 'vars' ? ofVariable(name, known) : ofSecret(name, known),
  }));
  const next = lacking[LISTED];
  if (!next) return problems;
  const message = `${lacking.length - LISTED} more secrets and variables don't exist.`;
  return [...problems, { line: next.line, message }];
}

function ofVariable(name: string, { variables }: KnownValues): string {
  const shown = printable(name, 64);
  const near = suggestName(name, variables ?? []);
  const advice =
    near === undefined
      ? `Create it, or write vars.get("${shown}", fallback).`
      : `Did you mean "${printable(near, 64)}"?`;
  return `There is no variable "${shown}". ${advice}`;
}

function ofSecret(name: string, { allowed, secrets }: KnownValues): string {
  const shown = printable(name, 64);
  const start = `"${shown}" is not among the script's secrets.`;
  if (secrets?.includes(name)) return `${start} Add it to them.`;
  const near = suggestName(name, allowed ?? []) ?? suggestName(name, secrets ?? []);
  if (near === undefined) return `${start} Create the secret if there is none, and add it to them.`;
  return `${start} Did you mean "${printable(near, 64)}"?`;
}
