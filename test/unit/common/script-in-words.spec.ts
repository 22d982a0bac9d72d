import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { scriptInWords, scriptsInWords } from '../../../lib/common/script-in-words.js';
import { sandboxOptions } from '../../../lib/module/providers/sandbox-options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';
import { Logger } from '@nestjs/common';

const ID = '0198c0de-0000-7000-8000-000000000001';

describe('a script in words', () => {
  it.each([
    [{ scriptId: ID, scriptName: 'Welcome', tenantId: 'acme' }, `"Welcome" (${ID}) of tenant acme`],
    [{ scriptId: ID, scriptName: 'Welcome' }, `"Welcome" (${ID})`],
    [{ scriptId: ID, tenantId: 'acme' }, `${ID} of tenant acme`],
    [{ scriptId: ID, scriptName: null }, ID],
    [{ scriptId: ID, scriptName: '' }, `"" (${ID})`],
  ])('is made from %j: %s', (script, words) => {
    expect(scriptInWords(script)).toBe(words);
  });

  it('is one printable line, whatever its name is', () => {
    const hostile = 'a"b\n\u001b[31m\u202e';
    const words = scriptInWords({ scriptId: 's\n1', scriptName: hostile, tenantId: 'a\nb' });
    expect(words).toBe(String.raw`"a\"b\n\u001b[31m\u202e" (s\n1) of tenant a\nb`);
  });

  it('is shorter than 1,000 characters, however long its parts are', () => {
    const long = 'x'.repeat(100_000);
    expect(scriptInWords({ scriptId: long, scriptName: long, tenantId: long }).length).toBeLessThan(1_000);
  });

  it('is listed with at most nine others, and the number of the rest', () => {
    const scripts = Array.from({ length: 12 }, (_, n) => ({ scriptId: `s${n}`, scriptName: `N${n}` }));
    expect(scriptsInWords(scripts.slice(0, 2))).toBe('"N0" (s0), "N1" (s1)');
    expect(scriptsInWords(scripts)).toMatch(/^"N0" \(s0\), .*, "N9" \(s9\), 2 more$/);
  });

  it('is in the log line about a sandbox process that the script ended', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    const { onEvent } = sandboxOptions(resolveOptions({}, {}), new RecordedMetrics());
    const blame = {
      tenantId: 'acme',
      scriptId: ID,
      version: 3,
      kind: 'memory',
      reason: 'memory',
      times: 2,
    } as const;
    onEvent!({ type: 'process-killed', pid: 7, blame: { ...blame, scriptName: 'Welcome' } });
    expect(warn).toHaveBeenCalledWith(
      `Script "Welcome" (${ID}) of tenant acme (version 3) ended a sandbox process (memory), 2 times so far.`,
    );
    warn.mockRestore();
  });
});

/**
 * Files without lines of the log: errors answer a caller who gave the id, the helpers for tests speak to the author of
 * the script, and the admin page runs in a browser.
 */
const NO_LINES = /\.errors\.ts$|^testing\/|^admin\/page\//;

describe('the sources', () => {
  const lib = join(__dirname, '../../../lib');
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name: relative('.', name), text: readFileSync(join(lib, name), 'utf8') }))
    .filter(({ name }) => !NO_LINES.test(name));

  it('name a script in a line of the log only through scriptInWords', () => {
    const naming = /[Ss]cripts? (?:"|\()?\$\{(?!script(?:s)?InWords\()[^}]*?(?:[iI]d|_id|[nN]ame)\b[^}]*\}/g;
    expect('Script ${scriptId} is').toMatch(naming);
    expect('for script ${event.scriptId}:').toMatch(naming);
    const own = 'common/script-in-words.ts';
    const found = files
      .filter(({ name }) => name !== own)
      .flatMap(({ name, text }) => [...text.matchAll(naming)].map(([match]) => `${name}: ${match}`));
    expect(found).toEqual([
      // The note of a dead letter whose script is deleted; its row has the id.
      'scripts/typeorm-script.repository.ts: Script ${quoted(name)}',
    ]);
  });
});
