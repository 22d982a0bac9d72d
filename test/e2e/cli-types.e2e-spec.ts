import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestSchema } from '../support/postgres.js';
import { FULL, inShortOneIn } from '../support/test-form.js';
import { problemsOfEach } from '../unit/typings/compile-scripts.js';
import { CommandFolder } from './support/command-line.js';
import { limitTests } from '../support/time-limits.js';

limitTests('long');

const ROOT = join(__dirname, '../..');
const from = (name: string): string => JSON.stringify(join(ROOT, 'node_modules', name));

/** An application without a database, unless a test gives one. */
const APP = `
const { Module } = require(${from('@nestjs/common')});
const { EventEmitterModule } = require(${from('@nestjs/event-emitter')});
const { ScheduleModule } = require(${from('@nestjs/schedule')});
const { TypeOrmModule } = require(${from('@nestjs/typeorm')});
const { IsEmail } = require(${from('class-validator')});
const { MapDomainEvent, ScriptBinding, ScriptsEventModule } = require(${JSON.stringify(join(ROOT, 'dist/lib/index.js'))});

class FindClient {}
IsEmail()(FindClient.prototype, 'email');
Reflect.defineMetadata('design:type', String, FindClient.prototype, 'email');

class Crm {
  constructor() { if (process.env.NEVER_MADE) throw new Error('made'); }
  findClient() {}
  toShipped() {}
}
const decorate = (decorator, name) =>
  decorator(Crm.prototype, name, Object.getOwnPropertyDescriptor(Crm.prototype, name));
decorate(ScriptBinding('crm.findClient', { input: FindClient, description: 'By email' }), 'findClient');
decorate(MapDomainEvent('order.shipped', { fields: ['orderId'] }), 'toShipped');

const database = process.env.DATABASE ? JSON.parse(process.env.DATABASE) : { type: 'postgres', port: 1 };
const events = { types: { 'report.requested': { fields: ['month'] } } };
const moduleWith = (scripts) => {
  class AppModule {}
  Module({
    imports: [
      TypeOrmModule.forRoot({ ...database, entities: [], autoLoadEntities: true, retryAttempts: 0 }),
      EventEmitterModule.forRoot(), ScheduleModule.forRoot(), scripts,
    ],
    providers: [Crm],
  })(AppModule);
  return AppModule;
};
exports.AppModule = moduleWith(ScriptsEventModule.forRoot({ events }));
exports.Calling = moduleWith(ScriptsEventModule.forRoot({ http: { allowedHosts: ['api.example.com'] } }));
exports.made = async () => moduleWith(ScriptsEventModule.forRootAsync({ useFactory: () => ({ events }) }));
`;

/** An application without this package. */
const PLAIN = `
class Empty {}
require(${from('@nestjs/common')}).Module({})(Empty);
exports.Empty = Empty;
`;

const FETCH = `const { status } = await http.fetch({ url: 'https://api.example.com' }); status.toFixed();`;

let folder: CommandFolder;
beforeEach(() => {
  folder = new CommandFolder();
  folder.write({ 'app.js': APP, 'plain.js': PLAIN });
});
afterEach(() => folder.remove());

/** How many type errors each of these scripts has. */
const problems = (...sources: string[]): number[] =>
  problemsOfEach(readFileSync(join(folder.path, 'scripts.d.ts'), 'utf8'), sources).map(
    ({ length }) => length,
  );

describe('nestjs-scripts-event types', () => {
  it('writes the catalogue without an application, to standard output or a file', async () => {
    const { code, out, err } = await folder.call(['types']);
    expect(out).toContain('"client.created": {');
    expect(err).toContain('15 event types of the catalogue, 0 of the application, 0 bindings');
    expect(code).toBe(0);
    await folder.call(['types', '--event', 'client.created', '--out', 'scripts.d.ts']);
    expect(problems('ctx.input.clientId;', 'ctx.input.amount;')).toEqual([0, 1]);
  });

  it("finds an application's event types and bindings, and no others, without a database and without making its providers", async () => {
    const args = ['types', '--app', 'app.js', '--out', 'scripts.d.ts'];
    const { code, err } = await folder.call(args, { env: { NEVER_MADE: '1' } });
    expect(err).toContain(
      '2 of the application (report.requested, order.shipped), 1 bindings (crm.findClient)',
    );
    expect(code).toBe(0);
    expect(err).not.toContain('http.fetch');
    expect(
      problems(
        FETCH,
        `await crm.findClient({ email: 'a' }); ctx.event.type === 'order.shipped';`,
        `await crm.findClient({ email: 1 });`,
      ),
    ).toEqual([1, 0, 1]);
  });

  const allowing: [string, string, NodeJS.ProcessEnv][] = [
    ['options', 'app.js#Calling', {}],
    ['environment', 'app.js', { EVENT_HTTP_ALLOWED_HOSTS: 'api.example.com' }],
  ];
  // One row in the short form: the same code reads both, and test/unit/options tests it.
  it.each(FULL ? allowing : allowing.slice(0, 1))(
    'finds http.fetch where the %s allow hosts',
    async (_where, app, env) => {
      const { err } = await folder.call(['types', '--out', 'scripts.d.ts', '--app', app], { env });
      expect(err).toContain('http.fetch');
      expect(problems(FETCH)).toEqual([0]);
    },
  );

  it('says that it cannot read options from a factory, and reads them with --boot', async () => {
    const args = ['types', '--app', 'app.js#made', '--out', 'scripts.d.ts'];
    const { err } = await folder.call(args);
    expect(err).toContain('1 of the application (order.shipped)');
    expect(err).toContain('The options come from a factory');
    const { options } = await createTestSchema();
    const DATABASE = JSON.stringify({ ...options, entities: undefined, migrations: undefined });
    const booted = await folder.call([...args, '--boot'], { env: { DATABASE } });
    expect(booted.err).toContain('2 of the application (report.requested, order.shipped), 1 bindings');
    expect(booted.code).toBe(0);
  });

  const mistakes: [string[], string][] = [
    [['--app', 'gone.js'], "Can't load the application module"],
    [['--app', 'plain.js#Other'], 'export a module Other'],
    [['--app', 'plain.js#Empty'], 'does not import ScriptsEventModule'],
    [['--boot'], '--boot needs --app'],
    [['--event', 'a b'], 'is not'],
    [['--app', 'app.js', '--boot'], "Can't inspect the application"],
    [['--out', 'gone/scripts.d.ts'], "Can't write the types"],
  ];
  it.each(inShortOneIn(3, mistakes))('says what is wrong with %j and ends with 2', async (args, words) => {
    const { code, err } = await folder.call(['types', ...args]);
    expect(err).toContain(words);
    expect(code).toBe(2);
  });
});
