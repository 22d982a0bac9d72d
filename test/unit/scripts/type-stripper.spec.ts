import { createRequire } from 'node:module';
import { SourceCheckStoppedError } from '../../../lib/common/source-check-stopped.error.js';
import { SourceChecksFullError } from '../../../lib/common/source-checks-full.error.js';
import { TypeScriptSupportError } from '../../../lib/scripts/script.errors.js';
import { TypeStripper } from '../../../lib/scripts/typescript/type-stripper.js';

const stripper = new TypeStripper();
afterAll(() => stripper.onApplicationShutdown());

/** The parser takes exponential time for this text. */
const SLOW = `x = ${'a ? (b) : c => '.repeat(40)}1`;

/** The problem for which a source is refused. */
async function problemOf(source: string): Promise<{ message: string; line?: number }> {
  const stripped = await stripper.strip(source);
  if (!('problem' in stripped)) throw new Error(`it was accepted: ${stripped.javascript}`);
  return stripped.problem;
}

describe('the removal of types', () => {
  it.each([
    [
      'annotations',
      'const n: number = 1;\nreturn n as unknown;',
      'const n         = 1;\nreturn n           ;',
    ],
    [
      'interfaces and aliases',
      'interface A {\n  b: 1;\n}\nreturn 1;',
      '             \n       \n \nreturn 1;',
    ],
    ['top-level return and await', 'return await (x as any);', 'return await (x       );'],
    ['characters of several bytes', 'let é: string = "€😀";', 'let é         = "€😀";'],
    ['a hashbang, which becomes a comment', '#!/usr/bin/env ts\nreturn 1;', '///usr/bin/env ts\nreturn 1;'],
    ['a byte order mark, which goes', '\uFEFFlet a: 1;', 'let a   ;'],
    ['line breaks of Windows', 'let a: 1;\r\nreturn a;', 'let a   ;\r\nreturn a;'],
    ['nothing', '', ''],
  ])('keeps every line and column: %s', async (_what, source, javascript) => {
    expect(await stripper.strip(source)).toEqual({ javascript });
  });

  it.each([
    [
      'enum',
      'return 1;\nenum Size { Small }',
      'enum is not supported. Only TypeScript syntax that can be removed',
      2,
    ],
    ['namespaces', 'namespace A { export const b = 1; }', 'namespace declaration is not supported.', 1],
    ['parameter properties', 'class A {\n  constructor(private b: 1) {}\n}', 'parameter property', 2],
    ['angle-bracket assertions', 'return <string>ctx.input;', "use the 'as' syntax", 1],
    ['imports', "\n\nimport fs from 'fs';", "'import', and 'export' cannot be used", 3],
    ['a syntax error', 'const a: = 1;', '.', 1],
    ['a comment that is never closed', 'return 1;\n/* to be continued', 'Unterminated', 2],
  ])('refuses %s with the line in the source', async (_what, source, words, line) => {
    const problem = await problemOf(source);
    expect(problem.line).toBe(line);
    expect(problem.message).toContain(words);
    expect(problem.message).not.toMatch(/strip-only|\.\.$/);
  });

  it('accepts a source that closes the function around it, which the check of the source refuses later', async () => {
    const source = 'return 1; }\nfunction another() {';
    expect(await stripper.strip(source)).toEqual({ javascript: source });
  });

  it.each([
    ['takes the parser exponential time', SLOW],
    ['corrupts the memory of the parser', `type A = ${'{a:'.repeat(5000)}1${'}'.repeat(5000)}`],
    ['overflows its stack', `${'('.repeat(20000)}1${')'.repeat(20000)}`],
  ])('gives up a text that %s, and continues with the next one in a new thread', async (_what, source) => {
    const hostile = problemOf(source);
    const next = stripper.strip('let a: 1;');
    expect((await hostile).message).toContain('nests too deeply');
    expect(await next).toEqual({ javascript: 'let a   ;' });
  });

  it('does not block the event loop of the host while the parser works on a text', async () => {
    let turns = 0;
    const watch = setInterval(() => (turns += 1), 10);
    const problem = await problemOf(SLOW);
    clearInterval(watch);
    expect(problem.message).toContain('nests too deeply');
    expect(turns).toBeGreaterThan(10);
  });

  it('answers each of many texts with its own result if they come at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => stripper.strip(`return ${n} as number;`)),
    );
    expect(answers).toEqual(answers.map((_, n) => ({ javascript: `return ${n}          ;` })));
  });

  it('answers another tenant between the slow texts of one tenant, and refuses texts of one that sends too many', async () => {
    const own = new TypeStripper();
    const order: string[] = [];
    const hostile = Array.from({ length: 22 }, (_, n) =>
      own.strip(SLOW + ' '.repeat(n), 'evil').then(
        (stripped) => (order.push('evil'), stripped),
        (error: unknown) => error,
      ),
    );
    expect(await hostile[21]).toBeInstanceOf(SourceChecksFullError);
    expect(await own.strip('let a: 1;', 'good')).toEqual({ javascript: 'let a   ;' });
    expect(order).toEqual(['evil']);
    expect(await hostile[0]).toMatchObject({ problem: { code: 'too-slow' } });
    await own.onApplicationShutdown();
  });

  it('refuses waiting and new texts once the application stops', async () => {
    const own = new TypeStripper();
    const texts = [1, 2, 3].map((n) => own.strip(SLOW + ' '.repeat(n), 'evil'));
    const ends = Promise.allSettled(texts);
    await own.onApplicationShutdown();
    expect(await ends).toEqual([
      expect.anything(),
      { status: 'rejected', reason: expect.any(SourceCheckStoppedError) },
      { status: 'rejected', reason: expect.any(SourceCheckStoppedError) },
    ]);
    await expect(own.strip('let a: 1;')).rejects.toMatchObject({
      code: 'source-check-stopped',
      retryable: true,
    });
  });

  it.each(['EMFILE', 'ERR_WORKER_INIT_FAILED'])(
    'refuses a text for now, and takes it later, if the system refuses what the thread needs: %s',
    async (code) => {
      let refuses = true;
      const own = new TypeStripper(undefined, (program) => {
        if (refuses) throw Object.assign(new Error(`${code}: no more`), { code });
        return createRequire(program).resolve('amaro');
      });
      const refused = own.strip('let a: 1;');
      await expect(refused).rejects.toMatchObject({ code: 'typescript-start', retryable: true });
      await expect(refused).rejects.toThrow(`(${code}). Save again later.`);
      refuses = false;
      expect(await own.strip('let a: 1;')).toEqual({ javascript: 'let a   ;' });
      await own.onApplicationShutdown();
    },
  );

  it('names the package to install if amaro is missing', async () => {
    const without = new TypeStripper(undefined, () => {
      throw new Error("Cannot find module 'amaro'");
    });
    const refused = without.strip('let a: 1;');
    await expect(refused).rejects.toBeInstanceOf(TypeScriptSupportError);
    await expect(refused).rejects.toThrow('npm install amaro@^1.1.0');
  });
});
