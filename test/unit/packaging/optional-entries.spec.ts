import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../docs/pages.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

/** The files of a folder that are loaded with an entry of the package. */
function loadedWith(entry: string, folder = join('dist', 'lib', 'admin')): string[] {
  const program = `
    require('reflect-metadata');
    require(${JSON.stringify(join(ROOT, 'dist', 'lib', entry, 'index.js'))});
    const folder = ${JSON.stringify(folder)};
    console.log(JSON.stringify(Object.keys(require.cache).filter((file) => file.includes(folder))));`;
  return JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })) as string[];
}

describe('the entry of the admin API', () => {
  it.each(['', 'terminus', 'testing'])('is not loaded by a host that imports the entry "%s"', (entry) => {
    expect(loadedWith(entry)).toEqual([]);
  });

  it('is noticed by this test when it is loaded', () => {
    expect(loadedWith('admin').length).toBeGreaterThan(10);
  });
});

describe('the adapter for OpenTelemetry, whose API a host need not have', () => {
  const FOLDER = join('dist', 'lib', 'opentelemetry');

  it.each(['', 'admin', 'testing'])('is not loaded by a host that imports the entry "%s"', (entry) => {
    expect(loadedWith(entry, FOLDER)).toEqual([]);
  });

  it('is noticed by this test when it is loaded', () => {
    expect(loadedWith('opentelemetry', FOLDER)).toHaveLength(2);
  });
});
