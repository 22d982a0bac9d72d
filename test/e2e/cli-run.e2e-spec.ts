import { createHmac } from 'node:crypto';
import { chmodSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { inShortOneIn } from '../support/test-form.js';
import { waitFor } from '../support/wait-for.js';
import { CommandFolder } from './support/command-line.js';

const PAYMENT = { paymentId: 17, amount: 12500, currency: 'EUR' };

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
  folder.write({ 'payment.json': PAYMENT });
});
afterEach(() => folder.remove());

/** Runs a script for a payment. */
const run = (source: string, ...more: string[]) => {
  folder.write({ 'script.js': source });
  return folder.call(['run', 'script.js', '--event', 'payment.created', '--input', 'payment.json', ...more]);
};

describe('nestjs-scripts-event run', () => {
  it('shows logs, published events, the result and the time, and ends with 0', async () => {
    const { code, out, err } = await run(
      `sdk.log.info('Large', { id: ctx.input.paymentId });
       console.warn('careful');
       events.publish('payment.needs_review', { id: 1 });
       return [ctx.tenant.id, ctx.actor.id, ctx.event.type];`,
      '--tenant',
      'acme',
      '--actor',
      'ann',
    );
    expect(out.split('\n').slice(0, 4)).toEqual([
      'info  Large {"id":17}',
      'warn  careful',
      'published payment.needs_review {"id":1}',
      'result ["acme","ann","payment.created"]',
    ]);
    expect(out).toMatch(/completed in \d+(\.\d)?\u00a0m?s, processor \d+(\.\d)?\u00a0ms\n$/);
    expect([code, err]).toEqual([0, '']);
  });

  it('runs scripts on the Node.js of EVENT_SANDBOX_NODE_PATH, and fails with an error if that is no Node.js', async () => {
    const nodePath = join(folder.path, 'another-node');
    const asked = join(folder.path, 'asked');
    folder.write({
      'script.js': 'return 40 + 2;',
      'another-node': `#!/bin/sh\necho "$@" >> '${asked}'\nexec '${process.execPath}' "$@"\n`,
    });
    chmodSync(nodePath, 0o755);
    const call = (path: string) =>
      folder.call(['run', 'script.js', '--event', 'payment.created'], {
        env: { EVENT_SANDBOX_NODE_PATH: path },
      });
    expect(await call(nodePath)).toMatchObject({ code: 0, out: expect.stringContaining('result 42\n') });
    expect(readFileSync(asked, 'utf8')).toContain(join('sandbox', 'child', 'main.js'));
    const { code, err } = await call('/no/such/node');
    expect(err).toContain('sandbox.nodePath = /no/such/node is not a binary of Node.js 20.19 or later');
    expect(code).not.toBe(0);
  });

  it('shows an error with its line in a frame of the source, and ends with 1', async () => {
    const { code, out } = await run(
      `const a = 1;\nif (a) throw new TypeError('no \\u001b[31m red');\nreturn a;`,
    );
    expect(out).toContain('TypeError: no \\x1b[31m red\n');
    expect(out).toContain('  1 | const a = 1;\n> 2 | if (a) throw new TypeError');
    expect(out).toContain('at script.js:2:');
    expect(out).toContain('failed (runtime) in');
    expect(code).toBe(1);
  });

  it('shows control characters of a script as escapes, one line for each log call', async () => {
    const forged = '\\nresult "forged"\\u001b]8;;https://evil.example\\u0007\\u009b31m\\u202e\\u2028';
    const { out } = await run(
      `console.log('${forged}', { a: '${forged}' });
\tconst e = new Error('${forged}'); e.name = '${forged}';
\tevents.publish('a.b', { a: '${forged}' });
\tthrow e; // \u001b[31m\u202e`,
    );
    // oxlint-disable-next-line no-control-regex -- it proves that there are no control characters
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
    expect(out.split('\n').filter((line) => line.startsWith('result'))).toEqual([]);
    expect(out).toContain('\\nresult "forged"\\x1b]8;;https://evil.example\\x07\\x9b31m\\u202e\\u2028');
    expect(out).toMatch(/ {2}4 \| {3}throw e; \/\/ \\x1b\[31m\\u202e/);
    const json = await run(`return '${forged}';`, '--json');
    // oxlint-disable-next-line no-control-regex -- it proves that there are no control characters
    expect(json.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
    expect((JSON.parse(json.out) as { result: string }).result).toContain('\u202e');
  });

  it('runs TypeScript, names lines of the author’s text in errors, and refuses syntax that is more than types', async () => {
    folder.write({ 'a.ts': 'interface A { b: 1 }\nthrow new Error(String(ctx.input.amount as number));' });
    const args = ['--event', 'payment.created', '--input', 'payment.json'];
    const { code, out } = await folder.call(['run', 'a.ts', ...args]);
    expect(out).toContain('Error: 12500');
    expect(out).toContain('> 2 | throw');
    expect(code).toBe(1);
    folder.write({ 'a.ts': '\nenum A { B }' });
    const refused = await folder.call(['run', 'a.ts', ...args]);
    expect(refused.out).toContain('enum is not supported');
    expect(refused.out).toContain('> 2 | enum A');
    expect(refused.code).toBe(1);
  });

  it('does not run the script if the filter does not match, says why, and ends with 3', async () => {
    folder.write({ 'filter.json': { amount: { gt: 20000 } } });
    const { code, out } = await run(`return 'ran';`, '--filter', 'filter.json');
    expect(out).toContain('"amount" is 12500, but must be greater than 20000.');
    expect(out).not.toContain('ran');
    expect(code).toBe(3);
    folder.write({ 'filter.json': { amount: { gt: 10000 } } });
    expect(await run(`return 'ran';`, '--filter', 'filter.json')).toMatchObject({ code: 0 });
  });

  it('warns of a filter on a field that the event does not have, and suggests a similar field', async () => {
    folder.write({ 'filter.json': { amuont: { gt: 10000 } } });
    const { code, err } = await run(`return 'ran';`, '--filter', 'filter.json');
    expect(err).toContain('no field "amuont". Did you mean "amount"?');
    expect(code).toBe(3);
  });

  it('takes bindings from functions and values of a module, by dotted name', async () => {
    folder.write({
      'stubs.js': `exports.crm = { findClient: async ({ email }) => ({ id: 7, email }), fail() { throw new Error('down'); } };
        exports['crm.tier'] = 'gold';`,
      'stubs.mjs': `export const crm = { findClient: () => 'esm' };`,
    });
    const source = `const found = await crm.findClient({ email: 'a' });
      const failed = await crm.fail().catch(({ name, message }) => name + ' ' + message);
      return [found, await crm.tier(), failed];`;
    const { out } = await run(source, '--bindings', 'stubs.js');
    expect(out).toContain('result [{"id":7,"email":"a"},"gold","BindingError crm.fail failed: down"]');
    const esm = await run('return crm.findClient();', '--bindings', 'stubs.mjs');
    expect(esm.out).toContain('result "esm"');
  });

  it('takes answers and errors of bindings from a JSON file, by name and input', async () => {
    folder.write({
      'stand-ins.json': {
        'crm.findClient': [{ input: { email: 'a' }, answer: { id: 7 } }, { error: { code: 'http-404' } }],
      },
      'wrong.json': { 'crm.findClient': { anser: 1 } },
    });
    const source = `return [await crm.findClient({ email: 'a' }), await crm.findClient({}).catch(({ code }) => code)];`;
    expect((await run(source, '--bindings', 'stand-ins.json')).out).toContain('result [{"id":7},"http-404"]');
    const wrong = await run(source, '--bindings', 'wrong.json');
    expect(wrong.err).toContain('did you mean "answer"');
    expect(wrong.code).toBe(2);
  });

  it('takes made-up secrets and variables from files, and shows a mask in place of each secret', async () => {
    folder.write({
      'secrets.json': { slack_token: 'xoxb-made-up' },
      'vars.json': { region: 'eu', limits: { large: 10_000 } },
      'stubs.js': `exports.slack = { post: (input, { secrets }) => ({ echo: secrets.resolve(input.token) + '!' }), fail() { throw new Error('no xoxb-made-up'); } };`,
      'stand-ins.json': {
        'slack.post': { input: { token: 'Bearer [secret:slack_token]' }, answer: { echo: 'xoxb-made-up' } },
      },
    });
    const args = ['--secrets', 'secrets.json', '--vars', 'vars.json'];
    const source = `console.log(secrets.slack_token);
      const { echo } = await slack.post({ token: \`Bearer \${secrets.slack_token}\` });
      return [vars.region, vars.limits.large, echo, await sdk.hmac({ secret: secrets.slack_token, text: 'a' })];`;
    const mac = createHmac('sha256', 'xoxb-made-up').update('a').digest('hex');
    const stubbed = await run(source, ...args, '--bindings', 'stubs.js');
    expect(stubbed.out).toContain('info  "[secret:slack_token]"\n');
    expect(stubbed.out).toContain(`result ["eu",10000,"Bearer [secret:slack_token]!","${mac}"]`);
    expect((await run(source, ...args, '--bindings', 'stand-ins.json')).out).toContain(
      `result ["eu",10000,"[secret:slack_token]","${mac}"]`,
    );
    const failed = await run('return slack.fail();', ...args, '--bindings', 'stubs.js');
    expect(failed.out).toContain('BindingError: slack.fail failed: no [secret:slack_token]');
  });

  it('begins with an empty store or that of a file, and discards what the script writes', async () => {
    folder.write({
      'store.json': { script: { runs: 3 }, tenant: { region: 'eu' } },
      'wrong.json': { own: {} },
      'key.json': { script: { 'a\nb': 1 } },
      'secrets.json': { token: 'xoxb-made-up' },
    });
    const source = `await store.increment('runs'); await store.set('seen', String(secrets.token));
      return [await store.get('runs'), await store.tenant.get('region'), await store.get('seen')];`;
    const args = ['--secrets', 'secrets.json'];
    expect((await run(source, ...args)).out).toContain('result [1,null,"[secret:token]"]');
    for (let time = 0; time < 2; time++)
      expect((await run(source, ...args, '--store', 'store.json')).out).toContain(
        'result [4,"eu","[secret:token]"]',
      );
    expect((await run('return 1;', '--store', 'wrong.json')).err).toContain('The --store file wrong.json: ');
    expect((await run('return 1;', '--store', 'key.json')).err).toContain('printable characters');
  });

  it('says how to define a missing secret or variable, and what is wrong with a file of them', async () => {
    folder.write({ 'vars.json': { region: 'eu' }, 'short.json': { token: 'short' }, 'list.json': ['a'] });
    const secret = await run('return secrets.token;');
    expect(secret.out).toContain('hint: name it in the file of --secrets, with a made-up value');
    const variable = await run('return vars.regin;', '--vars', 'vars.json');
    expect(variable.out).toContain('There is no variable "regin". Did you mean "region"?');
    expect(variable.out).toContain('hint: name it in the file of --vars');
    const short = await run('return 1;', '--secrets', 'short.json');
    expect(short).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'The --secrets file short.json: token: value must be text of 8 to 8192 characters; this has 5. Make one up.',
      ) as string,
    });
    expect((await run('return 1;', '--vars', 'list.json')).err).toContain(
      'The --vars file list.json must hold a JSON object of values by name.',
    );
  });

  it('reads the payload from standard input for -, and uses {} without a payload', async () => {
    folder.write({ 'script.js': 'return ctx.input;' });
    const piped = ['run', 'script.js', '--event', 'payment.created', '--input', '-'];
    const { out } = await folder.call(piped, { stdin: JSON.stringify({ ...PAYMENT, secret: 1 }) });
    expect(out).toContain(`result ${JSON.stringify(PAYMENT)}`);
    const empty = await folder.call(['run', 'script.js', '-e', 'payment.created']);
    expect(empty.out).toContain('result {}');
  });

  it('warns of an unknown event type, and of fields that the event type does not declare', async () => {
    folder.write({ 'script.js': 'return ctx.input;', 'input.json': { clientId: 1, shoe: 2 } });
    const custom = await folder.call(['run', 'script.js', '-e', 'order.checked', '-i', 'input.json']);
    expect(custom.err).toContain('warning: order.checked is not in the catalogue');
    expect(custom.out).toContain('result {"clientId":1,"shoe":2}');
    const known = await folder.call(['run', 'script.js', '-e', 'client.created', '-i', 'input.json']);
    expect(known.err).toContain('client.created does not declare shoe');
    expect(known.out).toContain('result {"clientId":1}');
  });

  it('says how to pass the input when an argument contains JSON instead of a file name', async () => {
    const { code, err } = await run('return 1;', '--input', '{"amount":1}');
    expect(err).toContain('The input must be a file name. To pass JSON directly, use - and pipe it in.');
    expect(code).toBe(2);
  });

  it('suggests a type of the catalogue for a misspelt one', async () => {
    const { err } = await run('return 1;', '-e', 'payment.creatd');
    expect(err).toContain('Did you mean payment.created?');
  });

  const hints = [
    [`await fetch('https://api.example.com');`, 'hint: scripts have no network access'],
    [`return crm.findClient({});`, 'hint: if it is a binding of your application'],
    [`module.exports = 1;`, "hint: scripts can't load modules"],
    [`import fs from 'node:fs';`, "hint: scripts can't load modules"],
    [`export const a = 1;`, "hint: scripts can't load modules"],
    [`return import.meta.url;`, "hint: scripts can't load modules"],
    [`const { a } = await import('./a.js');`, "hint: scripts can't load modules"],
    [`setTimeout(() => {}, 1);`, 'hint: scripts have no timers'],
    [`return payload.amount;`, "hint: the event's payload is ctx.input"],
  ] as const;
  it.each(inShortOneIn(5, hints))(
    'gives a hint about a feature that scripts do not have: %s',
    async (source, hint) => {
      expect((await run(source)).out).toContain(hint);
    },
  );

  it('gives no hint for other errors', async () => {
    const sources = [
      'return paymnt;',
      `throw new Error('fetch is not defined');`,
      `throw new SyntaxError('Cannot use import statement outside a module');`,
      'return constructor.x.y;',
    ];
    for (const source of inShortOneIn(2, sources)) expect((await run(source)).out).not.toContain('hint:');
  });

  it('prints one JSON object with --json', async () => {
    const { out } = await run('sdk.log.info("a"); return 1;', '--json');
    expect(JSON.parse(out)).toMatchObject({
      status: 'completed',
      result: 1,
      logs: [{ level: 'info', message: 'a' }],
      published: [],
      warnings: [],
    });
    const failed = await run('throw new NonRetryableError("b");', '--json');
    expect(JSON.parse(failed.out)).toMatchObject({ status: 'failed', error: { line: 1, retryable: false } });
    expect(failed.code).toBe(1);
  });

  it('accepts --isolation, and ends a script at the time limit of --timeout', async () => {
    const { out, code } = await run('for (;;);', '--timeout', '50', '--isolation', 'isolate');
    expect(out).toContain('failed (timeout)');
    expect(code).toBe(1);
  });

  const mistakes: [string[], string][] = [
    [['run', 'gone.js', '-e', 'a.b'], 'gone.js'],
    [['run', 'script.js'], '--event'],
    [['run', 'script.js', '-e', 'a b'], 'is not'],
    [['run', 'script.js', '-e', 'a.b', '-i', 'bad.json'], 'bad.json is not JSON'],
    [['run', 'script.js', '-e', 'a.b', '-i', 'list.json'], 'must be a JSON object'],
    [['run', 'script.js', '-e', 'a.b', '-f', 'wrong.json'], 'gtt'],
    [['run', 'script.js', '-e', 'a.b', '-b', 'bad.json'], "Can't read the stand-ins: bad.json is not JSON"],
    [['run', 'script.js', '-e', 'a.b', '-b', 'bad.js'], "--bindings module can't be loaded"],
    [['run', 'script.js', '-e', 'a.b', '--timeout', '0'], 'whole number from 1'],
    [['run', 'script.js', '-e', 'a.b', '--isolation', 'vm'], 'Allowed choices'],
    [['fly'], 'fly'],
  ];
  it.each(inShortOneIn(5, mistakes))('says what is wrong with %j and ends with 2', async (args, words) => {
    folder.write({
      'script.js': '',
      'bad.json': '{',
      'bad.js': '{',
      'list.json': [],
      'wrong.json': { a: { gtt: 1 } },
    });
    const { code, out, err } = await folder.call(args);
    expect(err).toContain(words);
    expect([code, out]).toEqual([2, '']);
  });

  it('prints help with examples and exit codes', async () => {
    const { code, out } = await folder.call(['run', '--help']);
    expect(out).toMatch(/Examples:[^]*--watch[^]*Exit codes: 0 completed/);
    expect(code).toBe(0);
  });
});

describe('nestjs-scripts-event run --watch', () => {
  const WAITING = 'waiting for changes';
  const times = (text: string, part: string): number => text.split(part).length - 1;

  it('runs the script again after each change, also when an editor replaces the file, and ends with 0', async () => {
    folder.write({ 'script.js': 'return "first";', 'stubs.js': 'exports.tier = 1;' });
    const args = [
      'run',
      'script.js',
      '-e',
      'payment.created',
      '-i',
      'payment.json',
      '-b',
      'stubs.js',
      '--watch',
    ];
    const { child, seen, ended } = folder.start(args);
    const ran = (count: number) => waitFor(`run ${count}`, () => times(seen.err, WAITING) >= count);
    await ran(1);
    folder.write({ 'next.js': 'return ["second", await tier()];' });
    renameSync(join(folder.path, 'next.js'), join(folder.path, 'script.js'));
    await waitFor('the second', () => seen.out.includes('result ["second",1]'));
    folder.write({ 'stubs.js': 'exports.tier = 2;' });
    await waitFor('the stub', () => seen.out.includes('result ["second",2]'));
    folder.write({ 'payment.json': '{' });
    await waitFor('the mistake', () => seen.err.includes('is not JSON'));
    folder.write({ 'payment.json': PAYMENT, 'script.js': 'for (;;);' });
    folder.write({ 'script.js': 'return "last";' });
    await waitFor('the last', () => seen.out.includes('result "last"'));
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0 });
    expect(seen.out.startsWith('result "first"')).toBe(true);
  });

  it('ends with 2 and the reason when the operating system cannot watch more files', async () => {
    folder.write({
      'script.js': 'return 1;',
      'limit.cjs': `require('fs').watch = () => { throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), { code: 'ENOSPC' }); };`,
    });
    const env = { NODE_OPTIONS: '--require ./limit.cjs' };
    const { ended } = folder.start(['run', 'script.js', '-e', 'user.created', '--watch'], env);
    const { code, err } = await ended;
    expect(err).toContain("error: Can't watch the files: ENOSPC");
    expect(err).not.toContain('    at ');
    expect(code).toBe(2);
  });
});

describe('nestjs-scripts-event times', () => {
  it('shows the next times of a schedule in its time zone, and says what is wrong with an invalid schedule', async () => {
    const { code, out } = await folder.call([
      'times',
      '0 8 * * 1',
      '--timezone',
      'Asia/Tashkent',
      '--count',
      '2',
    ]);
    expect(code).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      expect.stringMatching(/^\S+T03:00:00\.000Z {2}Monday.* 08:00:00/),
      expect.stringMatching(/^\S+T03:00:00\.000Z {2}Monday.* 08:00:00/),
    ]);
    const wrong = await folder.call(['times', 'mondays']);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('"mondays" isn\'t a cron expression');
  });
});
