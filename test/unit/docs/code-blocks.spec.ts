import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';
import { allPages, type CodeBlock, codeBlocks, ROOT } from './pages.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('long');

const blocks = allPages().flatMap((page) => codeBlocks(page, 'ts', 'typescript'));
const isComplete = ({ info }: CodeBlock): boolean => info.split(' ').includes('complete');
const where = ({ page, line }: CodeBlock): string => `${page}:${line}`;

/** The name of a block's file. A complete block names it in its first line if other blocks of the page import it. */
const fileOf = (block: CodeBlock): string =>
  /^\/\/ (\S+\.ts)\n/.exec(block.code)?.[1] ?? `${block.page.replaceAll('/', '-')}-${block.line}.ts`;

const WRONG: CodeBlock = {
  page: 'wrong.md',
  line: 1,
  info: 'ts complete',
  code: `import { ScriptsEventModule } from 'nestjs-scripts-event';\nScriptsEventModule.forRoot({ buffer: { size: 'a' } });\n`,
};
const isOf = ({ page }: CodeBlock, problem: string): boolean => problem.startsWith(`${page}:`);

const COMPILER = join(ROOT, 'node_modules', 'typescript-7', 'bin', 'tsc');
/** A problem as the compiler reports it: file, line, column and message. */
const PROBLEM = /^(\S+?\.ts)\((\d+),\d+\): error TS\d+: (.*)$/gm;

/** Compiles blocks as files of a project within this one, with the repository's own settings. */
async function check(complete: readonly CodeBlock[]): Promise<string[]> {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'dist', 'docs-examples-'));
  try {
    const files = new Map(complete.map((block) => [fileOf(block), block]));
    for (const [name, { code }] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), code);
    }
    const project = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { noUnusedLocals: false },
      files: [...files.keys()],
      include: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    const compiled = await promisify(execFile)(process.execPath, [COMPILER, '-p', folder], {
      cwd: folder,
    }).catch((failed: { stdout: string }) => failed);
    return [...compiled.stdout.matchAll(PROBLEM)].map(([, name, line, message]) => {
      const block = files.get(name!);
      return block ? `${block.page}:${block.line + Number(line) - 1}: ${message}` : `${name}: ${message}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('TypeScript in README and docs', () => {
  it.each(blocks.map((block) => [where(block), block] as const))(
    '%s is valid TypeScript',
    (_place, { code }) => {
      const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
      // The error of a block that can't be read says what is wrong, and where.
      expect(
        transformSync(code, { loader: 'ts', target: 'es2023', tsconfigRaw, logLevel: 'silent' }).warnings,
      ).toEqual([]);
    },
  );

  const complete = blocks.filter(isComplete);
  let found: string[];
  // One compilation for all blocks and the wrong one: each compilation reads the whole package.
  beforeAll(async () => (found = await check([...complete, WRONG])));

  it('has correct types in each complete block', () => {
    expect(complete.length).toBeGreaterThan(8);
    expect(found.filter((problem) => !isOf(WRONG, problem))).toEqual([]);
  });

  it('is checked by a compiler that reports a wrong type', () => {
    expect(found.filter((problem) => isOf(WRONG, problem))).toEqual([
      expect.stringMatching(/^wrong\.md:2: Type 'string' is not assignable/),
    ]);
  });
});
