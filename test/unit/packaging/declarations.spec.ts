import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itInFull } from '../../support/test-form.js';
import { limitTests } from '../../support/time-limits.js';
import { ROOT } from '../docs/pages.js';

limitTests('busy');

const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};

/** The errors in our declarations, as the compiler reports them to a host that has it check those of packages. */
function faultsOf(files: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'declarations-'));
  try {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['esnext'],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules', '@types')],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const compiler = join(ROOT, 'node_modules', 'typescript-7', 'bin', 'tsc');
    execFileSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
      cwd: ROOT,
    });
    return [];
  } catch (error) {
    // Packages of others may have faults of their own.
    return String((error as { stdout?: string }).stdout)
      .split('\n')
      .filter((line) => line.startsWith('dist/'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the published types', () => {
  const entries = Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? [] : [join(ROOT, entry.types)],
  );

  // Only a build changes them: api/ lists what they offer.
  itInFull('are free of errors for a host without skipLibCheck', () => {
    expect(entries.length).toBeGreaterThan(6);
    expect(faultsOf(entries)).toEqual([]);
  });
});
