// Writes the description of the admin API to openapi/admin.json with --update; without, fails when it differs from what is
// committed. Reads dist/: build first.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import 'reflect-metadata';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'openapi', 'admin.json');
const { apiDescription } = await import(join(root, 'dist', 'lib', 'admin', 'admin.controllers.js'));
const text = `${JSON.stringify(apiDescription(), null, 2)}\n`;

if (process.argv.includes('--update')) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  console.error(
    'The admin API differs from openapi/admin.json: run "npm run api:update", and review the diff.',
  );
  process.exitCode = 1;
}
