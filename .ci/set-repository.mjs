// REPOSITORY=owner/name node .ci/set-repository.mjs: says everywhere which GitHub repository this is. That is the fields of
// package.json, the README's links (absolute, since npm shows it without the files beside it), SECURITY.md and the issue
// forms, and the links of alerts and dashboard. Run it again to move. With --check it fails while the name is still the placeholder.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLACEHOLDER = 'OWNER/nestjs-scripts-event';
const FILES = [
  'package.json',
  'README.md',
  'SECURITY.md',
  '.github/ISSUE_TEMPLATE/config.yml',
  'prometheus/scripts-event.rules.yml',
  'grafana/scripts-event.json',
];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const [, before] = /github\.com\/([^/]+\/[^/]+?)\.git$/.exec(JSON.parse(read('package.json')).repository.url);

function check() {
  if (before !== PLACEHOLDER) return undefined;
  return 'package.json names no repository: run "REPOSITORY=owner/name node .ci/set-repository.mjs".';
}

function set(repository) {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/.test(repository ?? ''))
    return `REPOSITORY is ${JSON.stringify(repository) ?? 'not set'}: set it to owner/name, as GitHub spells it.`;
  for (const file of FILES) {
    let text = read(file).replaceAll(`github.com/${before}`, () => `github.com/${repository}`);
    if (file === 'README.md')
      text = text.replace(/(?<=\]\()(?![a-z]+:|#)/g, () => `https://github.com/${repository}/blob/main/`);
    writeFileSync(join(root, file), text);
  }
  return undefined;
}

const problem = process.argv.includes('--check') ? check() : set(process.env.REPOSITORY);
if (problem) {
  console.error(problem);
  process.exitCode = 1;
}
