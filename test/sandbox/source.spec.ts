/* oxlint-disable jest/no-standalone-expect -- `describeAttempts` calls these proofs inside its tests */
import type { Outcome } from '../../lib/sandbox/index.js';
import { describeAttempts } from './support/hostile-table.js';

const result =
  (expected: unknown) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ status: 'completed', result: expected });
const line =
  (expected: number) =>
  (outcome: Outcome): void =>
    expect(outcome).toMatchObject({ error: { line: expected } });

describeAttempts('a script with an unusual source', [
  {
    name: 'begins with a byte order mark',
    source: '\uFEFFreturn 1',
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'has CRLF line ends',
    source: "const a = 1;\r\nconst b = 2;\r\nthrow new Error('x')",
    verdict: 'runtime',
    proves: line(3),
  },
  { name: 'has CR line ends', source: 'const a = 1;\rreturn a', verdict: 'completed', proves: result(1) },
  {
    name: 'has Unicode line separators',
    source: "const a = 1;\u2028throw new Error('x')",
    verdict: 'runtime',
    proves: line(2),
  },
  {
    name: 'begins with a hashbang',
    source: "#!/usr/bin/env node\nthrow new Error('x')",
    verdict: 'runtime',
    proves: line(2),
  },
  {
    name: 'begins with a byte order mark and a hashbang',
    source: '\uFEFF#!/usr/bin/env node\nreturn 1',
    verdict: 'completed',
    proves: result(1),
  },
  { name: 'has U+0000 in a text', source: "return 'a\0b'.length", verdict: 'completed', proves: result(3) },
  { name: 'has U+0000 between words', source: 'return\0 1', verdict: 'syntax' },
  {
    name: 'has names in other alphabets',
    source: 'const größe = 1, 値 = 2, \\u{61}b = 3; return größe + 値 + ab',
    verdict: 'completed',
    proves: result(6),
  },
  {
    name: 'has characters outside of the basic multilingual plane',
    source: "return '😀'.length",
    verdict: 'completed',
    proves: result(2),
  },
  {
    name: 'has 100 KiB',
    source: `${'// padding\n'.repeat(9_000)}return 1`,
    verdict: 'completed',
    proves: result(1),
  },
  { name: 'has more than 100 KiB', source: `${'// padding\n'.repeat(10_000)}return 1`, verdict: 'rejected' },
  {
    name: 'has an error far down',
    source: `${'\n'.repeat(20_000)}throw new Error('x')`,
    verdict: 'runtime',
    proves: line(20_001),
  },
  {
    name: 'has one line of 90 KiB',
    source: `return [${'1,'.repeat(45_000)}].length`,
    verdict: 'completed',
    proves: result(45_000),
  },
  {
    name: 'nests deeper than the parser can',
    source: `return ${'('.repeat(45_000)}1${')'.repeat(45_000)}`,
    verdict: 'syntax',
  },
  {
    name: 'nests lists deeper than the parser can',
    source: `return ${'['.repeat(45_000)}${']'.repeat(45_000)}`,
    verdict: 'syntax',
  },
  { name: 'has an import statement', source: "import fs from 'fs'; return 1", verdict: 'syntax' },
  { name: 'has an export', source: '\nexport default 1', verdict: 'syntax', proves: line(2) },
  { name: 'has import.meta', source: 'return import.meta', verdict: 'syntax' },
  { name: 'has an unclosed comment', source: 'return 1 /* never closed', verdict: 'syntax' },
  { name: 'has an unclosed template', source: 'return `never closed', verdict: 'syntax' },
  { name: 'has an unclosed text', source: "return 'never closed", verdict: 'syntax', proves: line(1) },
  { name: 'has an unclosed brace', source: 'if (true) {', verdict: 'syntax' },
  { name: 'has a brace too many', source: 'return 1; }', verdict: 'syntax' },
  { name: 'ends in a line comment', source: 'return 1 // comment', verdict: 'completed', proves: result(1) },
  {
    name: 'ends in a hidden line comment',
    source: 'return 1 //\u2029',
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'has HTML comments',
    source: 'return 1\n--> comment\n<!-- comment',
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'has text that looks like an import',
    source: 'return \'import("x")\' + "import(\'y\')".length',
    verdict: 'completed',
  },
  {
    name: 'has text that looks like an HTML comment',
    source: "return '<!-- x -->'",
    verdict: 'completed',
    proves: result('<!-- x -->'),
  },
  {
    name: 'has a syntax error on line 3',
    source: 'const a = 1;\n\nconst b = ;',
    verdict: 'syntax',
    proves: line(3),
  },
  { name: 'declares a name twice', source: 'let a = 1;\nlet a = 2;', verdict: 'syntax', proves: line(2) },
  {
    name: 'uses return and await at top level',
    source: 'const a = await 5; if (a) return a; return 6',
    verdict: 'completed',
    proves: result(5),
  },
  { name: 'uses a word of the future as a name', source: 'const let = 1', verdict: 'syntax' },
  { name: 'is only white space', source: ' \n\t ', verdict: 'completed', proves: result(null) },
  { name: 'is an expression only', source: '42', verdict: 'completed', proves: result(null) },
  {
    name: 'has a source map comment',
    source: "throw new Error('x')\n//# sourceMappingURL=/etc/passwd",
    verdict: 'runtime',
    proves: line(1),
  },
  {
    name: 'names another file for its stacks',
    source: "throw new Error('x')\n//# sourceURL=/etc/passwd",
    verdict: 'runtime',
    proves: (o) => expect(JSON.stringify(o)).not.toContain('passwd'),
  },
  {
    name: 'uses the usual built-ins',
    source:
      "return [typeof Date.now(), typeof Math.random(), typeof Intl.NumberFormat, new Intl.NumberFormat('en').format(1234.5), JSON.stringify({ a: 1 }), new Date(0).toISOString(), 'ä'.localeCompare('b') < 0, [3, 1].toSorted()[0], Object.groupBy ? 1 : 1]",
    verdict: 'completed',
    proves: result([
      'number',
      'number',
      'function',
      '1,234.5',
      '{"a":1}',
      '1970-01-01T00:00:00.000Z',
      true,
      1,
      1,
    ]),
  },
  {
    name: 'has a breaking delimiter in eval',
    source: "return eval('}; }) (')",
    verdict: 'runtime',
  },
  {
    name: 'ends a regular expression early',
    source: 'return /[/]}; }[)]/.test("x")',
    verdict: 'completed',
    proves: result(false),
  },
  { name: 'turns strict by a directive', source: "'use strict'; undeclared = 1", verdict: 'runtime' },
  {
    name: 'has a hashbang that is not at its start',
    source: ' #!/usr/bin/env node\nreturn 1',
    verdict: 'syntax',
  },
  { name: 'is a hashbang only', source: '#!/usr/bin/env node', verdict: 'completed', proves: result(null) },
  { name: 'has a hashbang after a line', source: 'return 1\n#!x', verdict: 'syntax' },
  {
    name: 'has a hashbang that ends in a line separator',
    source: '#!x\u2028return 1',
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'begins with two byte order marks',
    source: '\uFEFF\uFEFFreturn 1',
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'has line separators in a text',
    source: "return '\u2028\u2029'.length",
    verdict: 'completed',
    proves: result(2),
  },
  {
    name: 'has lone surrogates in a text',
    source: "return '\ud800'.length",
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'has numbers in the old octal form',
    source: 'return [010, 08, "\\101"]',
    verdict: 'completed',
    proves: result([8, 8, 'A']),
  },
  { name: 'has old octal in strict code', source: "'use strict'; return 010", verdict: 'syntax' },
  {
    name: 'has an HTML comment in the middle of a line',
    source: 'const x = 1; return x <!-- 2',
    verdict: 'completed',
    proves: result(1),
  },
  { name: 'ends in a backslash', source: 'return 1 \\', verdict: 'syntax' },
  { name: 'ends in half an escape', source: "return '\\u{110000}'", verdict: 'syntax' },
  { name: 'has an unclosed regular expression', source: 'return /never closed', verdict: 'syntax' },
  { name: 'has an unclosed template expression', source: 'return `${1', verdict: 'syntax' },
  {
    name: 'has an unclosed comment on its first of three lines',
    source: '/* open\nreturn 1\nreturn 2',
    verdict: 'syntax',
  },
  { name: 'is one closing brace', source: '}', verdict: 'syntax' },
  { name: 'uses await as a name', source: 'const await = 1', verdict: 'syntax' },
  {
    name: 'uses yield as a name',
    source: 'var yield = 1; return yield',
    verdict: 'completed',
    proves: result(1),
  },
  { name: 'has a regular expression of no form', source: 'return /(/', verdict: 'syntax' },
  { name: 'calls what it may not assign', source: 'f() = 1', verdict: 'runtime' },
  { name: 'breaks out of no loop', source: 'break', verdict: 'syntax' },
  {
    name: 'has ten thousand functions',
    source: `${'function f(){}'.repeat(7_000)} return 1`,
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'has exactly 100 KiB',
    source: `return 1//${'x'.repeat(100 * 1024 - 10)}`,
    verdict: 'completed',
    proves: result(1),
  },
  {
    name: 'has one byte over 100 KiB',
    source: `return 1//${'x'.repeat(100 * 1024 - 9)}`,
    verdict: 'rejected',
  },
  {
    name: 'has over 100 KiB of three-byte characters',
    source: `return 1//${'€'.repeat(40 * 1024)}`,
    verdict: 'rejected',
  },
  {
    name: 'has an invalid pattern, which the error quotes: brackets',
    source: `return 1;\n/(${'['.repeat(99_000)}]/`,
    verdict: 'syntax',
    proves: line(2),
  },
  {
    name: 'has an invalid pattern, which the error quotes: blanks',
    source: `return 1;\n/(${' '.repeat(99_000)}/`,
    verdict: 'syntax',
    proves: line(2),
  },
  {
    name: 'has an invalid pattern, which the error quotes: text that looks like a line number',
    source: `return 1;\n/(${'[:1'.repeat(33_000)}[script.js:7:7]]/`,
    verdict: 'syntax',
    proves: line(2),
  },
]);
