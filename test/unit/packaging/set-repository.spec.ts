import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inShortOneIn } from '../../support/test-form.js';

const ROOT = join(__dirname, '../../..');
const FILES = [
  '.ci/set-repository.mjs',
  'package.json',
  'README.md',
  'SECURITY.md',
  '.github/ISSUE_TEMPLATE/config.yml',
  'prometheus/scripts-event.rules.yml',
  'grafana/scripts-event.json',
];

describe('the variable REPOSITORY', () => {
  let copy: string;
  const read = (file: string): string => readFileSync(join(copy, file), 'utf8');
  const run = (repository: string | undefined, ...args: string[]) => {
    const env = { ...process.env, REPOSITORY: repository };
    const program = join(copy, '.ci/set-repository.mjs');
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });
    return { status, stderr: stderr.trim() };
  };
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'set-repository-'));
    for (const file of FILES) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      cpSync(join(ROOT, file), join(copy, file));
    }
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  it.each([
    ['the first time', ['acme/scripts']],
    ['again when the repository moves', ['OWNER/nestjs-scripts-event', 'old-home/it.was', 'acme/scripts']],
  ])('sets the address of the repository in all files, %s', (_, moves) => {
    for (const repository of moves) expect(run(repository)).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(read('package.json'))).toMatchObject({
      repository: { type: 'git', url: 'git+https://github.com/acme/scripts.git' },
      bugs: 'https://github.com/acme/scripts/issues',
      homepage: 'https://github.com/acme/scripts#readme',
    });
    const links = Array.from(read('README.md').matchAll(/\]\(([^)]*)\)/g), ([, link]) => link);
    expect(links).toContain('https://github.com/acme/scripts/blob/main/docs/quick-start.md');
    expect(links.filter((link) => !/^(https:|#)/.test(link!))).toEqual([]);
    for (const file of ['SECURITY.md', '.github/ISSUE_TEMPLATE/config.yml'])
      expect(read(file)).toContain('https://github.com/acme/scripts/security/advisories/new');
    for (const file of FILES.slice(1)) expect(read(file)).not.toMatch(/OWNER|old-home/);
    expect(run(undefined, '--check').status).toBe(0);
  });

  it.each(
    inShortOneIn(3, [undefined, '', 'scripts', 'https://github.com/acme/scripts', 'acme/scripts/', 'a b/c']),
  )('is refused with the value %j, and no file changes', (repository) => {
    const before = FILES.map(read);
    const { status, stderr } = run(repository);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^REPOSITORY is .*: set it to owner\/name, as GitHub spells it\.$/);
    expect(FILES.map(read)).toEqual(before);
  });

  it('must be set before the package can be published', () => {
    expect(run('OWNER/nestjs-scripts-event')).toEqual({ status: 0, stderr: '' });
    expect(run(undefined, '--check')).toEqual({
      status: 1,
      stderr: expect.stringContaining('REPOSITORY=owner/name node .ci/set-repository.mjs'),
    });
    expect(JSON.parse(read('package.json')).scripts.prepublishOnly).toContain('set-repository.mjs --check');
  });
});
