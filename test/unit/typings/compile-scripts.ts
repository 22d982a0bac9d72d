import ts from 'typescript';
import { codeBlocks, readPage } from '../docs/pages.js';

/** The options of the `jsconfig.json` that the manual gives to authors. */
const OPTIONS: ts.CompilerOptions = {
  ...ts.convertCompilerOptionsFromJson(
    (
      JSON.parse(
        codeBlocks(readPage('docs/command-line.md'), 'json').find(({ code }) => code.includes('checkJs'))!
          .code,
      ) as { compilerOptions: object }
    ).compilerOptions,
    '',
  ).options,
  allowJs: true,
  // TypeScript's own declarations are correct, and checking them takes most of a compilation; those of the package are
  // checked.
  skipDefaultLibCheck: true,
};

const library = ts.createCompilerHost(OPTIONS);
const libraryFiles = new Map<string, ts.SourceFile | undefined>();

/** The errors of TypeScript in a script with these types, as `line: message`; the body is wrapped as in the sandbox. */
export function problemsOf(types: string, source: string, extension: 'js' | 'ts' = 'js'): string[] {
  return problemsOfEach(types, [source], extension)[0]!;
}

/** The errors in each of several independent scripts: one compilation takes hardly longer for many. */
export function problemsOfEach(
  types: string,
  sources: readonly string[],
  extension: 'js' | 'ts' = 'js',
): string[][] {
  const scripts = sources.map((source, index) => ({
    name: `/script-${index}.${extension}`,
    body: `(async function () {\n${source}\n})`,
  }));
  const files = Object.fromEntries(scripts.map(({ name, body }) => [name, body]));
  const found = compile({ '/scripts.d.ts': types, ...files });
  const elsewhere = found
    .filter(({ file }) => !Object.hasOwn(files, file))
    .map(({ file, line, message }) => `${file}:${line}: ${message}`);
  return scripts.map(({ name }) => [
    ...elsewhere,
    ...found.filter(({ file }) => file === name).map(({ line, message }) => `${line - 1}: ${message}`),
  ]);
}

/** The errors of TypeScript in files that exist only in memory. */
export function compile(files: Record<string, string>): { file: string; line: number; message: string }[] {
  const host: ts.CompilerHost = {
    ...library,
    fileExists: (name) => Object.hasOwn(files, name),
    readFile: (name) => files[name],
    getSourceFile: (name, version) => {
      if (Object.hasOwn(files, name)) return ts.createSourceFile(name, files[name] as string, version);
      if (!libraryFiles.has(name)) libraryFiles.set(name, library.getSourceFile(name, version));
      return libraryFiles.get(name);
    },
  };
  return ts.getPreEmitDiagnostics(ts.createProgram(Object.keys(files), OPTIONS, host)).map((diagnostic) => ({
    file: diagnostic.file?.fileName ?? '',
    line: (diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0) + 1,
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
  }));
}
