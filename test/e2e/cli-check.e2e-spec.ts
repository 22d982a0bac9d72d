import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { limitTests } from '../support/time-limits.js';
import { CommandFolder } from './support/command-line.js';

limitTests('busy');

const APP = `
  const { ScriptsEventModule, ScriptBinding } = require(${JSON.stringify(join(__dirname, '../../dist/lib'))});
  const { Module, Injectable } = require(${JSON.stringify(join(__dirname, '../../node_modules/@nestjs/common'))});
  class Crm { async find() { return null; } }
  ScriptBinding('crm.find')(Crm.prototype, 'find', Object.getOwnPropertyDescriptor(Crm.prototype, 'find'));
  Injectable()(Crm);
  class AppModule {}
  Module({ imports: [ScriptsEventModule.forRoot({ events: { types: { 'order.shipped': { fields: ['orderId'] } } } })], providers: [Crm] })(AppModule);
  exports.AppModule = AppModule;`;

describe('nestjs-scripts-event check', () => {
  const folder = new CommandFolder();
  beforeAll(() => {
    symlinkSync(join(__dirname, '../../node_modules'), join(folder.path, 'node_modules'));
    folder.write({ 'app.js': APP });
  });
  afterAll(() => folder.remove());

  const check = (source: string, ...args: string[]) => {
    folder.write({ 'script.js': source });
    return folder.call(['check', 'script.js', ...args]);
  };

  it('finds no problem in a correct script, and does not run it', async () => {
    const { code, out } = await check(
      `console.log('ran'); if (ctx.type === 'payment.created') return ctx.input.amount.toString(); return 1;`,
      '-e',
      'payment.created',
      '-e',
      'user.created',
    );
    expect({ code, out }).toEqual({ code: 0, out: 'no problems\n' });
  });

  it('finds a syntax error and a field that no event has, each with its line', async () => {
    const broken = await check('const a = 1;\nconst b = ;', '--json');
    expect(JSON.parse(broken.out)).toMatchObject({ problems: [{ check: 'syntax', line: 2 }] });
    expect(broken.code).toBe(1);
    const misspelt = await check('const a = 1;\nreturn ctx.input.amuont;', '-e', 'payment.created');
    expect(misspelt.out).toContain("script.js:2 Property 'amuont' does not exist");
    expect(misspelt.out).toContain('> 2 | return ctx.input.amuont;');
    expect(misspelt.code).toBe(1);
  });

  it('warns of a filter on an unknown field, and reports an invalid filter as a problem', async () => {
    folder.write({ 'unknown.json': { amuont: { gt: 1 } }, 'invalid.json': { amount: { gtt: 1 } } });
    const unknown = await check('return 1;', '-e', 'payment.created', '-f', 'unknown.json');
    expect(unknown).toMatchObject({
      code: 0,
      err: expect.stringContaining('Did you mean "amount"?') as string,
    });
    const invalid = await check('return 1;', '-f', 'invalid.json', '--json');
    expect(JSON.parse(invalid.out)).toMatchObject({ problems: [{ check: 'filter' }] });
    expect(invalid.code).toBe(1);
  });

  it('knows the events and bindings of an application', async () => {
    const args = ['--app', 'app.js', '-e', 'order.shipped', '--json'];
    const good = await check('return [ctx.input.orderId, await crm.find()];', ...args);
    expect(JSON.parse(good.out)).toMatchObject({ problems: [] });
    const bad = await check('await crm.fnd();\nreturn ctx.input.carrier;', ...args);
    expect(JSON.parse(bad.out)).toMatchObject({ problems: [{ line: 1 }, { line: 2 }] });
  });

  it('reports bindings, secrets and variables that the script is not allowed to use', async () => {
    folder.write({
      'bindings.json': ['mail.send'],
      'stand-ins.json': { 'mail.send': { answer: null } },
      'secrets.json': { slack_token: 'xoxb-made-up' },
      'vars.json': ['region'],
    });
    const lists = ['--secrets', 'secrets.json', '--vars', 'vars.json', '--app', 'app.js', '--json'];
    const source =
      'await mail.send({});\nawait crm.find();\nreturn [`${secrets.slak_token}`,\nvars.regin, secrets.slack_token, vars.region];';
    for (const bindings of ['bindings.json', 'stand-ins.json']) {
      const { code, out } = await check(source, ...lists, '--bindings', bindings);
      expect(JSON.parse(out)).toMatchObject({
        problems: [
          {
            check: 'names',
            line: 3,
            message: '"slak_token" is not among the script\'s secrets. Did you mean "slack_token"?',
          },
          { check: 'names', line: 4, message: 'There is no variable "regin". Did you mean "region"?' },
          {
            check: 'names',
            line: 2,
            message: '"crm.find" is not among the script\'s bindings. Add it to them.',
          },
        ],
      });
      expect(code).toBe(1);
    }
    const { code } = await check('return [vars.any, `${secrets.other}`];');
    expect(code).toBe(0);
  });

  it('ends with an error when a file or an option is wrong', async () => {
    folder.write({ 'text.json': '"mail.send"', 'name.json': ['mail send'] });
    expect((await check('return 1;', '--bindings', 'text.json')).err).toContain(
      'must hold a JSON list of names',
    );
    expect((await check('return 1;', '--bindings', 'name.json')).err).toContain('is not a dotted name');
    expect((await check('return 1;', '--vars', 'name.json')).err).toContain("can't be a name");
    expect((await folder.call(['check', 'nowhere.js'])).code).toBe(2);
    expect((await check('return 1;', '-e', 'not a type')).code).toBe(2);
    expect((await check('return 1;', '--boot')).code).toBe(2);
  });
});
