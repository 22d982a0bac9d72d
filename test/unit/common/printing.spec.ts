import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const LIB = join(__dirname, '../../../lib');

const sources = readdirSync(LIB, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((file) => ({ file: relative(LIB, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));

const filesWith = (pattern: RegExp): string[] =>
  sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);

describe('what this package prints', () => {
  it('goes to the log of the host only through PrintableLogger', () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(filesWith(/import[^;]*\b(Console)?Logger\b[^;]*from '@nestjs\/common'/)).toEqual([
      'common/host-log.ts',
      'common/printable-logger.ts',
    ]);
    expect(filesWith(/\b(Console)?Logger\.(log|warn|error|debug|verbose|fatal)\(/)).toEqual([]);
  });

  it('goes to a terminal only through the Terminal of the command line', () => {
    expect(filesWith(/process\.(stdout|stderr)\.write/)).toEqual(['cli/terminal.ts']);
    expect(filesWith(/(?<!\* .*)\bconsole\.(log|info|warn|error|debug)\(/)).toEqual([]);
  });
});
