import { join } from 'node:path';
import ts from 'typescript';
import { allPages, type CodeBlock, codeBlocks, ROOT } from './pages.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('long');

const blocks = allPages().flatMap((page) => codeBlocks(page, 'ts', 'typescript'));
const isComplete = ({ info }: CodeBlock): boolean => info.split(' ').includes('complete');
const where = ({ page, line }: CodeBlock): string => `${page}:${line}`;

/** A complete block says its file's name in its first line when other blocks of the page import it. */
const fileOf = (block: CodeBlock): string => {
  const named = /^\/\/ (\S+\.ts)\n/.exec(block.code);
  return join(ROOT, 'docs-examples', named?.[1] ?? `${block.page}-${block.line}.ts`);
};

function problems(
  diagnostics: readonly ts.Diagnostic[],
  at: (diagnostic: ts.Diagnostic) => string,
): string[] {
  return diagnostics.map(
    (diagnostic) => `${at(diagnostic)}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`,
  );
}

const WRONG: CodeBlock = {
  page: 'wrong.md',
  line: 1,
  info: 'ts complete',
  code: `import { ScriptsEventModule } from 'nestjs-scripts-event';\nScriptsEventModule.forRoot({ buffer: { size: 'a' } });\n`,
};
const isOf = ({ page }: CodeBlock, problem: string): boolean => problem.startsWith(`${page}:`);

/** Compiles blocks as files of a project that exist in memory only, with the repository's own settings. */
function check(complete: readonly CodeBlock[]): string[] {
  const files = new Map(complete.map((block) => [fileOf(block), block]));
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const settings = { ...options, noEmit: true, noUnusedLocals: false, incremental: false };
  const host = ts.createCompilerHost(settings);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
  host.directoryExists = (name) =>
    [...files.keys()].some((file) => file.startsWith(`${name}/`)) || ts.sys.directoryExists(name);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version, ...rest) => {
    const block = files.get(name);
    return block ? ts.createSourceFile(name, block.code, version) : getSourceFile(name, version, ...rest);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  const found = [...files.keys()].flatMap((name) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return problems(found, ({ file, start = 0 }) => {
    const block = files.get(file?.fileName ?? '');
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    return block ? `${block.page}:${block.line + line}` : (file?.fileName ?? '?');
  });
}

describe('TypeScript in README and docs', () => {
  it.each(blocks.map((block) => [where(block), block] as const))('%s is TypeScript', (place, { code }) => {
    const { diagnostics = [] } = ts.transpileModule(code, {
      reportDiagnostics: true,
      compilerOptions: { target: ts.ScriptTarget.ES2023, experimentalDecorators: true },
    });
    expect(problems(diagnostics, () => place)).toEqual([]);
  });

  const complete = blocks.filter(isComplete);
  let found: string[];
  // One compilation with the block that must not pass: each would read the whole package.
  beforeAll(() => (found = check([...complete, WRONG])));

  it('has types that fit, where a block is complete', () => {
    expect(complete.length).toBeGreaterThan(8);
    expect(found.filter((problem) => !isOf(WRONG, problem))).toEqual([]);
  });

  it('would notice a type that does not fit', () => {
    expect(found.filter((problem) => isOf(WRONG, problem))).toEqual([
      expect.stringMatching(/^wrong\.md:2: Type 'string' is not assignable/),
    ]);
  });
});
