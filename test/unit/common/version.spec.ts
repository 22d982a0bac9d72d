import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../../lib/common/version.js';

test('the version that a bundle knows is the one of package.json', () => {
  const manifest = readFileSync(join(__dirname, '../../../package.json'), 'utf8');
  expect(VERSION).toBe((JSON.parse(manifest) as { version: string }).version);
});
