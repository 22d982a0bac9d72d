import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as main from 'nestjs-scripts-event';
import * as admin from 'nestjs-scripts-event/admin';
import * as filters from 'nestjs-scripts-event/filters';
import * as sandbox from 'nestjs-scripts-event/sandbox';
import { readPage, ROOT } from './pages.js';

interface ErrorClass {
  name: string;
  code: string;
  category: string;
}

/** The error classes as the sources declare them: fields of a class are on its instances only. */
function declaredErrors(): ErrorClass[] {
  const files = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /error[s]?\.ts$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(ROOT, 'lib', file), 'utf8');
      return text
        .split(/^(?=export (?:abstract )?class )/m)
        .slice(1)
        .map(readErrorClass);
    });
}

function readErrorClass(text: string): ErrorClass {
  const [, name = ''] = /class (\w+)/.exec(text) ?? [];
  // The error of a binding has the code that the thrower chose.
  const [, code = 'any'] = /readonly code(?:: string)? = '([^']+)'/.exec(text) ?? [];
  const [, category = inheritedCategory(text)] = /readonly category = '([^']+)'/.exec(text) ?? [];
  return { name, code, category };
}

const inheritedCategory = (text: string): string =>
  text.includes('extends ScriptValidationError') ? 'invalid' : 'internal';

const isError = (exported: unknown): boolean =>
  typeof exported === 'function' && exported.prototype instanceof main.ScriptsEventError;

describe('the page about errors', () => {
  const { text } = readPage('docs/errors.md');
  const exported = Object.entries({ ...main, ...admin, ...filters, ...sandbox })
    .filter(([, value]) => isError(value))
    .map(([name]) => name);
  const declared = new Map(declaredErrors().map((error) => [error.name, error]));
  const rows = text.split('\n').filter((line) => /^\| (`[a-z-]+`|any) +\| `\w+Error`/.test(line));
  const row = (name: string) => rows.filter((line) => line.includes(`\`${name}\``));

  it.each(exported)('lists %s once, with its code and its category', (name) => {
    const lines = row(name);
    expect(lines).toHaveLength(1);
    const { code, category } = declared.get(name) as ErrorClass;
    const [line = ''] = lines;
    expect(line.replaceAll('`', '').startsWith(`| ${code} `)).toBe(true);
    const [, written = 'internal'] =
      /\| `(invalid|forbidden|not-found|conflict|internal|unavailable)` /.exec(line) ?? [];
    expect(written).toBe(category);
  });

  it('lists no other error', () => {
    const names = rows.map((line) => /`(\w+Error)`/.exec(line)?.[1]);
    expect(names.toSorted()).toEqual(exported.toSorted());
  });
});
