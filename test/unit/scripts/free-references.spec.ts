import { freeReferences } from '../../../lib/scripts/free-references.js';
import { valueProblems, valuesRead } from '../../../lib/scripts/value-problems.js';

const found = async (source: string, roots = ['secrets', 'vars']): Promise<string[]> =>
  (await freeReferences(source, new Set(roots))).map(({ path, line }) => `${path.join('.')}:${line}`);

describe('the search for secrets and variables in a source', () => {
  it.each([
    ['a field', 'return vars.region;', ['vars.region:1']],
    ['a field of a field', 'return vars.limits\n  .large;', ['vars.limits.large:1']],
    ['an optional field', 'return vars?.region;', ['vars.region:1']],
    [
      'a field that is named by a text',
      'return [vars["a"], vars[\'b\'], vars?.[`c`].d];',
      ['vars.a:1', 'vars.b:1', 'vars.c.d:1'],
    ],
    [
      'a field in a template, after two slashes',
      'return `https://api/${vars.region}/${`${secrets.token}`}`;',
      ['vars.region:1', 'secrets.token:1'],
    ],
    [
      'fields of a pattern',
      'const { region, limits: { large }, ["x"]: y, code = 1, ...rest } = vars;',
      ['vars.region:1', 'vars.limits:1', 'vars.code:1'],
    ],
    [
      'a pattern of several lines',
      'const {\n  token,\n  other: o,\n} = secrets;',
      ['secrets.token:2', 'secrets.other:3'],
    ],
    ['the line after a comment of several lines', '/* a\n b\n*/ vars.region', ['vars.region:3']],
    ['the line after a template of several lines', 'const a = `\n\n${1}\n`; vars.region', ['vars.region:4']],
    ['a repeated name once', 'vars.region;\nvars.region;', ['vars.region:1']],
    ['nothing in comments and texts', '// vars.a\n/* vars.b */ "vars.c" + \'vars.d\' + `vars.e`', []],
    ['nothing in a regular expression', 'return /vars.a/.test("x") || /[/]vars.b/.test("y");', []],
    ['a name after a division sign', 'return 4 / vars.a / 2;', ['vars.a:1']],
    ['nothing of another object', 'return ctx.input.vars.region + my.secrets?.token;', []],
    ['nothing of a name of its own', 'const vars = { a: 1 }; return vars.a;', []],
    ['nothing of a parameter', 'return [1].map((vars) => vars.a) + [2].map(secrets => secrets.b);', []],
    ['nothing that is known only in the run', 'return vars[ctx.input.name] + vars["a" + 1];', []],
    ['nothing in a longer name', 'return myvars.a + vars2.b + $secrets.c;', []],
  ])('finds %s', async (_what, source, expected) => {
    expect(await found(source)).toEqual(expected);
  });

  it('finds the calls of a function and of a field', async () => {
    expect(await found('return await find() + (await crm.find());', ['find', 'crm'])).toEqual([
      'find:1',
      'crm.find:1',
    ]);
  });

  it.each([
    ['an open text', '"vars.a'],
    ['an open template', '`${vars.a'],
    ['an open comment', '/* vars.a'],
    ['brackets without partners', '}}}] = vars; ((({{{ vars['],
    ['many ends of patterns', '} = vars;'.repeat(20_000)],
    ['many patterns in one another', `${'{a='.repeat(20_000)}1${'} = vars'.repeat(20_000)}`],
  ])('ends on a source with %s', async (_what, source) => {
    expect(Array.isArray(await found(source))).toBe(true);
  });
});

describe('names that do not exist for a script', () => {
  const problems = async (source: string, known: Partial<Parameters<typeof valueProblems>[1]> = {}) =>
    valueProblems(await valuesRead(source), {
      allowed: ['slack_token'],
      secrets: ['slack_token', 'mail_key'],
      variables: ['region'],
      ...known,
    }).map(({ line, message }) => `${line}: ${message}`);

  it('are reported with a similar name, or with what to do', async () => {
    expect(
      await problems('vars.region; secrets.slack_token; vars.get("x", 1); `${vars}`; vars.toString();'),
    ).toEqual([]);
    expect(
      await problems('vars.regin;\nvars.customers;\nsecrets.slak_token;\nsecrets.mail_key;\nsecrets.other;'),
    ).toEqual([
      '1: There is no variable "regin". Did you mean "region"?',
      '2: There is no variable "customers". Create it, or write vars.get("customers", fallback).',
      '3: "slak_token" is not among the script\'s secrets. Did you mean "slack_token"?',
      '4: "mail_key" is not among the script\'s secrets. Add it to them.',
      '5: "other" is not among the script\'s secrets. Create the secret if there is none, and add it to them.',
    ]);
  });

  it('are not reported if the existing names are unknown', async () => {
    expect(await problems('vars.a; secrets.b;', { allowed: null, variables: null })).toEqual([]);
  });

  it('are only counted after the first five', async () => {
    const source = Array.from({ length: 8 }, (_, at) => `vars.missing_${at};`).join('\n');
    expect((await problems(source)).slice(4)).toEqual([
      '5: There is no variable "missing_4". Create it, or write vars.get("missing_4", fallback).',
      "6: 3 more secrets and variables don't exist.",
    ]);
  });
});
