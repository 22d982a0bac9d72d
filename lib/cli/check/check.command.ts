import { EVENT_TYPE_RULE } from '../../common/event-type-name.js';
import { EventRegistry } from '../../events/event-registry.js';
import { FilterError, parseFilter } from '../../filters/index.js';
import { ScriptSandbox } from '../../sandbox/index.js';
import { scriptWarnings } from '../../scripts/filter-warnings.js';
import { valueProblems, valuesRead } from '../../scripts/value-problems.js';
import { TypeStripper } from '../../scripts/typescript/type-stripper.js';
import { generateScriptTypes } from '../../typings/script-types.js';
import { EventTypeNameError } from '../../typings/typings.errors.js';
import { CommandError } from '../cli.errors.js';
import { EXIT } from '../exit-codes.js';
import { codeFrame } from '../run/code-frame.js';
import { readJson, readText } from '../run/read-files.js';
import { readValueNames, type ValueFiles } from '../run/tenant-values.js';
import { isTypeScript, javascriptOf } from '../script-file.js';
import { scriptNode } from '../script-node.js';
import { styled, type Terminal } from '../terminal.js';
import { surfaceOf } from '../types/types.command.js';
import { bindingProblems, readBindingNames } from './binding-names.js';
import { findCompiler, type LineProblem, typeProblems } from './type-check.js';

/** The options of `check`. */
export interface CheckOptions extends ValueFiles {
  app?: string;
  bindings?: string;
  boot?: boolean;
  event?: string[];
  filter?: string;
  json?: boolean;
}

/** The findings of `check`. */
interface Found {
  problems: (LineProblem & { check: 'syntax' | 'types' | 'filter' | 'names' })[];
  warnings: string[];
}

const NO_COMPILER =
  "types aren't checked: install typescript 5 or 6 beside the script. Syntax and filter are checked.";

/** `check`: reports every problem that can be found in a script without running it. @throws CommandError */
export async function checkCommand(file: string, options: CheckOptions, terminal: Terminal): Promise<number> {
  const source = await readText(file, 'script');
  const surface = await surfaceOf(options);
  const names: Names = {
    bindings: await readBindingNames(options.bindings),
    ...(await readValueNames(options)),
  };
  const types = typesFor(options.event ?? [], withNamed(surface, names));
  const found: Found = { problems: [], warnings: [...surface.notes] };
  await checkFilter(options, surface, found);
  const javascript = await checkSyntax(file, source, found);
  if (javascript !== undefined) {
    await checkNames(javascript, surface, names, found);
    checkTypes(file, source, types, found);
  }
  if (options.json) terminal.json({ file, ...found });
  else report(found, file, source, terminal);
  return found.problems.length > 0 ? EXIT.scriptFailed : EXIT.completed;
}

type Surface = Awaited<ReturnType<typeof surfaceOf>>;

/** The names that the script may use, from the files; undefined: any. */
interface Names {
  bindings: readonly string[] | undefined;
  secrets: readonly string[] | undefined;
  variables: readonly string[] | undefined;
}

/** Adds the bindings of the file to the surface. Those that the application doesn't declare have a name only. */
function withNamed(surface: Surface, { bindings = [] }: Names): Surface {
  const known = new Set(surface.bindings.map(({ name }) => name));
  const named = bindings.filter((name) => !known.has(name)).map((name) => ({ name }));
  return { ...surface, bindings: [...surface.bindings, ...named] };
}

async function checkNames(
  javascript: string,
  surface: Surface,
  names: Names,
  { problems }: Found,
): Promise<void> {
  const { bindings, secrets, variables } = names;
  const values = valueProblems(await valuesRead(javascript), {
    allowed: secrets ?? null,
    secrets: null,
    variables: variables ?? null,
  });
  const ofBindings =
    bindings === undefined ? [] : await bindingProblems(javascript, surface.bindings, bindings);
  for (const problem of [...values, ...ofBindings]) problems.push({ check: 'names', ...problem });
}

function typesFor(eventTypes: readonly string[], surface: Surface): string {
  try {
    return generateScriptTypes({ ...surface, eventTypes });
  } catch (error) {
    if (!(error instanceof EventTypeNameError)) throw error;
    throw new CommandError(
      `--event ${JSON.stringify(error.eventType)} is not valid. Use ${EVENT_TYPE_RULE}.`,
    );
  }
}

async function checkFilter(
  { filter: file, event = [] }: CheckOptions,
  { events }: Surface,
  found: Found,
): Promise<void> {
  if (file === undefined) return;
  const filters = await readJson(file, 'filter');
  try {
    parseFilter(filters);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    for (const { path, message } of error.issues)
      found.problems.push({ check: 'filter', line: undefined, message: `${path}: ${message}` });
    return;
  }
  if (event.length === 0) return;
  // With the application's own event types, so that the warnings are those of a save.
  const own = events.filter(({ origin }) => origin === 'host');
  const known = new EventRegistry(
    Object.fromEntries(own.map(({ type, fields }) => [type, { fields: [...(fields ?? [])] }])),
  );
  found.warnings.push(...scriptWarnings({ eventTypes: event, filters: filters as never }, known));
}

/** Compiles the source as the sandbox does. @returns the JavaScript that would run; undefined if it is wrong */
async function checkSyntax(file: string, source: string, { problems }: Found): Promise<string | undefined> {
  const sandbox = new ScriptSandbox({
    processes: { min: 1, max: 1 },
    ...scriptNode(),
  });
  const stripper = new TypeStripper();
  try {
    const stripped = await javascriptOf(file, source, stripper);
    const problem = 'problem' in stripped ? stripped.problem : await sandbox.check(stripped.javascript);
    if (!problem) return 'javascript' in stripped ? stripped.javascript : undefined;
    problems.push({ check: 'syntax', line: problem.line ?? undefined, message: problem.message });
    return undefined;
  } finally {
    await Promise.all([sandbox.stop(), stripper.onApplicationShutdown()]);
  }
}

function checkTypes(file: string, source: string, types: string, { problems, warnings }: Found): void {
  const compiler = findCompiler();
  if (!compiler) {
    warnings.push(NO_COMPILER);
    return;
  }
  const name = isTypeScript(file) ? '/script.ts' : '/script.js';
  for (const problem of typeProblems(compiler, types, source, name))
    problems.push({ check: 'types', ...problem });
}

function report({ problems, warnings }: Found, file: string, source: string, terminal: Terminal): void {
  for (const warning of warnings) terminal.note(styled('yellow', 'warning:'), ` ${warning}`);
  for (const { check, line, message } of problems) {
    const place = check === 'filter' ? 'filter' : `${file}${line === undefined ? '' : `:${line}`}`;
    terminal.out(styled('red', place), ` ${message}`);
    for (const text of line === undefined ? [] : codeFrame(source, line))
      terminal.out(text.startsWith('>') ? styled('red', text) : text);
  }
  if (problems.length === 0) terminal.out(styled('green', 'no problems'));
}
