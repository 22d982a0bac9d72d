import { createRequire } from 'node:module';
import { join } from 'node:path';
import type ts from 'typescript';

/** What is wrong with a line of a script. */
export interface LineProblem {
  line: number | undefined;
  message: string;
}

/** The editor settings that the manual gives to authors. */
const OPTIONS: Record<string, unknown> = {
  target: 'es2023',
  lib: ['es2023'],
  types: [],
  module: 'esnext',
  moduleDetection: 'force',
  allowJs: true,
  checkJs: true,
  strict: true,
  useUnknownInCatchVariables: false,
  noEmit: true,
};

/** A source is the body of a function, which begins on a line of its own. */
const BEGIN = '(async function () {\n';

/** The compiler beside the scripts, or beside this package; undefined if neither place has one with `createProgram`. */
export function findCompiler(): typeof ts | undefined {
  for (const place of [join(process.cwd(), 'package.json'), __filename])
    try {
      const found = createRequire(place)('typescript') as Partial<typeof ts>;
      if (found.createProgram) return found as typeof ts;
    } catch {
      // The next place may have it.
    }
  return undefined;
}

/** The problems that TypeScript finds in a script, given the types of its scope. */
export function typeProblems(
  compiler: typeof ts,
  types: string,
  source: string,
  file: string,
): LineProblem[] {
  const files = new Map([
    ['/scope.d.ts', types],
    [file, `${BEGIN}${source}\n})`],
  ]);
  const { options } = compiler.convertCompilerOptionsFromJson(OPTIONS, '');
  const library = compiler.createCompilerHost(options);
  const program = compiler.createProgram([...files.keys()], options, {
    ...library,
    fileExists: (name) => files.has(name),
    readFile: (name) => files.get(name),
    getSourceFile: (name, version) => {
      const text = files.get(name);
      return text === undefined
        ? library.getSourceFile(name, version)
        : compiler.createSourceFile(name, text, version);
    },
  });
  return compiler.getPreEmitDiagnostics(program).map(({ file: where, start, messageText }) => ({
    // Lines are counted from 0, and the body begins on the second.
    line: where?.fileName === file ? where.getLineAndCharacterOfPosition(start ?? 0).line : undefined,
    message: compiler.flattenDiagnosticMessageText(messageText, ' '),
  }));
}
