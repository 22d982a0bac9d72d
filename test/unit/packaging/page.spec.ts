import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../docs/pages.js';

const FOLDER = join(ROOT, 'dist', 'lib', 'admin', 'page');
const { script, style, next, files } = JSON.parse(readFileSync(join(FOLDER, 'page.json'), 'utf8')) as {
  script: string;
  style: string;
  next: string[];
  files: string[];
};

const MOST_FIRST_KIB = 60;

describe('the built page', () => {
  it(`loads at most ${MOST_FIRST_KIB} KiB at first`, () => {
    const sizes = [script, style, ...next].map((name) => statSync(join(FOLDER, 'assets', `${name}.gz`)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1_024).toBeLessThanOrEqual(MOST_FIRST_KIB);
  });

  it('does not load the editors at first', () => {
    const first = [script, ...next]
      .map((name) => readFileSync(join(FOLDER, 'assets', name), 'utf8'))
      .join('');
    expect(first).not.toContain('cm-editor');
  });

  it('has each file also in compressed form, under a name with a hash', () => {
    expect(files.length).toBeGreaterThan(3);
    for (const name of files) {
      expect(name).toMatch(/-[A-Z0-9]{8}\.(js|css)$/);
      const plain = readFileSync(join(FOLDER, 'assets', name));
      expect(gunzipSync(readFileSync(join(FOLDER, 'assets', `${name}.gz`))).equals(plain)).toBe(true);
    }
    expect(readdirSync(join(FOLDER, 'assets'))).toHaveLength(files.length * 2);
  });

  it('comes with the licences of the bundled packages', () => {
    const text = readFileSync(join(FOLDER, 'LICENCES.txt'), 'utf8');
    for (const name of [
      'preact ',
      'preact-iso ',
      '@tanstack/query-core ',
      '@codemirror/view ',
      'typescript ',
    ])
      expect(text).toContain(name);
  });
});
