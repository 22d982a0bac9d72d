import { Injectable, type ModuleMetadata } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ScheduleModule } from '@nestjs/schedule';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import * as pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import {
  RESOLVED_OPTIONS,
  type ResolvedOptions,
  ScriptsEventModule,
  type ScriptsEventModuleOptions,
  ScriptsEventOptionsError,
} from '../../lib/index.js';
import { CLOSE_ENDS_FAILED_STARTS, closeAfterStart, testOptions } from '../support/app.builder.js';
import { createTestSchema, type TestDatabaseOptions, type TestSchema } from '../support/postgres.js';
import { waitFor } from '../support/wait-for.js';
import { noSandboxChildren, sandboxChildren } from '../support/sandbox-processes.js';

const apps: TestingModule[] = [];
const dataSources: DataSource[] = [];

/** The host's DataSource. The test closes it, because Nest does not close it after a failed start. */
const database = (options: DataSourceOptions, more: object = { autoLoadEntities: true }) =>
  TypeOrmModule.forRootAsync({
    useFactory: () => ({ ...options, entities: [], retryAttempts: 0, ...more }),
    dataSourceFactory: async (given) => {
      const dataSource = new DataSource(given as DataSourceOptions);
      dataSources.push(dataSource);
      return dataSource.initialize();
    },
  });

/** A class that an option names and no module provides. */
class Nowhere {}

const emitter = () => EventEmitterModule.forRoot();
const scheduler = () => ScheduleModule.forRoot();
const scriptsEvent = (options?: ScriptsEventModuleOptions) =>
  ScriptsEventModule.forRoot(testOptions(options));

async function boot(...imports: NonNullable<ModuleMetadata['imports']>): Promise<TestingModule> {
  const app = await Test.createTestingModule({ imports }).compile();
  apps.push(app);
  return app.init();
}

/** Hosts that fail at their start leave nothing in their schema, so they share one. */
let usual: Promise<TestSchema> | undefined;
const schemaFor = (options?: TestDatabaseOptions): Promise<TestSchema> =>
  options ? createTestSchema(options) : (usual ??= createTestSchema());

afterEach(async () => {
  await Promise.all(apps.splice(0).map(closeAfterStart));
  const connected = dataSources.splice(0).filter((source) => source.isInitialized);
  await Promise.all(connected.map((source) => source.destroy()));
});

describe('the start of a host fails', () => {
  it('without EventEmitterModule, with an error that names it and the line to add', async () => {
    const { options } = await schemaFor();
    await expect(boot(database(options), scheduler(), scriptsEvent())).rejects.toMatchObject({
      code: 'missing-module',
      message: expect.stringMatching(/EventEmitterModule\.forRoot\(\).*@nestjs\/event-emitter/),
    });
  });

  it('without ScheduleModule, with an error that names it and the line to add', async () => {
    const { options } = await schemaFor();
    await expect(boot(database(options), emitter(), scriptsEvent())).rejects.toMatchObject({
      code: 'missing-module',
      message: expect.stringMatching(/ScheduleModule\.forRoot\(\).*@nestjs\/schedule/),
    });
  });

  it('without TypeOrmModule, with an error that names it and the line to add', async () => {
    await expect(boot(emitter(), scheduler(), scriptsEvent())).rejects.toMatchObject({
      code: 'missing-data-source',
      message: expect.stringMatching(/TypeOrmModule\.forRoot\(.*@nestjs\/typeorm/),
    });
  });

  it.each([
    ['with "extra"', { extra: { binary: true } }, {}, /"binary" in the "extra" of your DataSource/],
    ['in the whole process', {}, { binary: true }, /pg\.defaults\.binary/],
  ])(
    'when pg is set to binary results %s, with an error that names the setting',
    async (_where, more, defaults, told) => {
      const { options } = await schemaFor();
      const before = pg.defaults.binary;
      Object.assign(pg.defaults, defaults);
      try {
        const imports = [database({ ...options, ...more }), emitter(), scheduler(), scriptsEvent()];
        await expect(boot(...imports)).rejects.toMatchObject({
          code: 'binary-answers',
          message: expect.stringMatching(told),
        });
      } finally {
        pg.defaults.binary = before;
      }
    },
  );

  it('without a DataSource of the configured name, with an error that names it', async () => {
    const { options } = await schemaFor();
    const module = ScriptsEventModule.forRoot({ ...testOptions(), dataSource: 'second' });
    await expect(boot(database(options), emitter(), scheduler(), module)).rejects.toMatchObject({
      code: 'missing-data-source',
      message: expect.stringContaining('the DataSource "second"'),
    });
  });

  it.each([
    ['alerts.channel', (type: typeof Nowhere) => ({ alerts: { channel: type } })],
    ['buffer.adapter', (type: typeof Nowhere) => ({ buffer: { adapter: type as never } })],
  ])('when %s names a class that nobody provides, with an error that names both', async (option, given) => {
    const { options } = await schemaFor();
    const module = scriptsEvent(given(Nowhere));
    await expect(boot(database(options), emitter(), scheduler(), module)).rejects.toMatchObject({
      code: 'missing-provider',
      option,
      message: expect.stringContaining(`${option} names the class Nowhere`),
    });
  });

  it('without the migrations, with an error that names the tables and how to create them', async () => {
    const { options } = await schemaFor({ migrated: 'no' });
    await expect(boot(database(options), emitter(), scheduler(), scriptsEvent())).rejects.toMatchObject({
      code: 'migrations-missing',
      message: expect.stringMatching(/table .*scripts.*SCRIPTS_EVENT_MIGRATIONS/s),
    });
  });

  it('when the DataSource does not know the entities, with an error that names them', async () => {
    const { options } = await schemaFor();
    const blind = database(options, {});
    await expect(boot(blind, emitter(), scheduler(), scriptsEvent())).rejects.toMatchObject({
      code: 'missing-entities',
      message: expect.stringContaining('SCRIPTS_EVENT_ENTITIES'),
    });
  });

  it('when the module is imported without forRoot, with an error that says to call it', async () => {
    const { options } = await schemaFor();
    await expect(boot(database(options), emitter(), scheduler(), ScriptsEventModule)).rejects.toMatchObject({
      code: 'module-not-configured',
      message: expect.stringContaining('ScriptsEventModule.forRoot()'),
    });
  });

  it('with a second forRoot, because scripts would run twice for every event', async () => {
    const { options } = await schemaFor();
    const twice = [scriptsEvent(), scriptsEvent({ buffer: { size: 5 } })];
    await expect(boot(database(options), emitter(), scheduler(), ...twice)).rejects.toMatchObject({
      code: 'duplicate-module',
      message: expect.stringContaining('2 times'),
    });
  });
});

describe('invalid options', () => {
  it('make the start fail with one error that names all of them with their values', async () => {
    const { options } = await schemaFor();
    const wrong = {
      buffer: { size: 0, workerCount: -1, overflow: 'ignore', colour: 'red' },
      retry: { backoffFactor: 0.5, initialDelay: '2h', maxDelay: 'soon', maxRetries: Number.NaN },
      sandbox: { memoryMb: '64', timeout: 0 },
      events: { maxPayloadBytes: 1.5, tenantResolver: 'acme' },
      shutdownTimeout: -1,
    } as unknown as ScriptsEventModuleOptions;
    const failure = await boot(
      database(options),
      emitter(),
      scheduler(),
      ScriptsEventModule.forRoot(wrong),
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ScriptsEventOptionsError);
    const { message, issues } = failure as ScriptsEventOptionsError;
    const named = [
      'buffer.colour',
      'buffer.overflow',
      'buffer.size',
      'buffer.workerCount',
      'events.maxPayloadBytes',
      'events.tenantResolver',
      'retry.backoffFactor',
      'retry.maxDelay',
      'retry.maxRetries',
      'sandbox.memoryMb',
      'sandbox.timeout',
      'shutdownTimeout',
    ];
    expect([...new Set(issues.map(({ option }) => option))].toSorted()).toEqual(named);
    for (const name of named) expect(message).toMatch(new RegExp(`^- ${name} (= |is not an option)`, 'm'));
    expect(message).toContain('retry.backoffFactor = 0.5');
  });

  it('make the start fail when retry.initialDelay is above retry.maxDelay', async () => {
    const { options } = await schemaFor();
    const wrong = scriptsEvent({ retry: { initialDelay: '2h', maxDelay: '1h' } });
    await expect(boot(database(options), emitter(), scheduler(), wrong)).rejects.toMatchObject({
      code: 'invalid-options',
      message: expect.stringMatching(/retry\.(initialDelay|maxDelay) = /),
    });
  });

  it('are named with their environment variable when they come from one', async () => {
    const { options } = await schemaFor();
    process.env.EVENT_BUFFER_SIZE = 'many';
    try {
      await expect(boot(database(options), emitter(), scheduler(), scriptsEvent())).rejects.toThrow(
        'buffer.size (EVENT_BUFFER_SIZE) = "many"',
      );
    } finally {
      delete process.env.EVENT_BUFFER_SIZE;
    }
  });
});

describe('forRootAsync', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'nothing',
      undefined,
      /^- forRootAsync needs exactly one of useFactory, useClass, useExisting, but has none/m,
    ],
    ['an empty object', {}, /^- forRootAsync needs exactly one of/m],
    [
      'the options themselves',
      { buffer: { size: 5 } },
      /^- buffer is not a field of forRootAsync.*return options from useFactory/m,
    ],
    ['two sources', { useFactory: () => ({}), useClass: Object }, /has useFactory and useClass/],
    [
      'providers that are no list',
      { useFactory: () => ({}), inject: 'x' },
      /^- inject = "x": must be a list/m,
    ],
    ['a value as factory', { useFactory: { buffer: {} } }, /^- useFactory = an object: must be a function/m],
    [
      'an option beside it',
      { useFactory: () => ({}), retry: {} },
      /^- retry is not a field of forRootAsync/m,
    ],
  ])('throws when it is called with %s', (_, given, message) => {
    expect(() => ScriptsEventModule.forRootAsync(given as never)).toThrow(ScriptsEventOptionsError);
    expect(() => ScriptsEventModule.forRootAsync(given as never)).toThrow(message);
  });

  it('makes the start fail when its factory returns nothing, instead of using the defaults', async () => {
    const { options } = await schemaFor();
    const module = ScriptsEventModule.forRootAsync({ useFactory: (() => {}) as never });
    await expect(boot(database(options), emitter(), scheduler(), module)).rejects.toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining('return one from useFactory'),
    });
  });

  it.each([
    ['with a default DataSource', true],
    ['without a default DataSource', false],
  ])(
    'makes the start fail when its factory returns a dataSource, and says where that belongs (%s)',
    async (_, unnamed) => {
      const { options } = await schemaFor();
      const module = ScriptsEventModule.forRootAsync({
        useFactory: () => testOptions({ dataSource: 'tenants' } as never),
      });
      const imports = unnamed ? [database(options)] : [];
      await expect(boot(...imports, emitter(), scheduler(), module)).rejects.toMatchObject({
        code: 'invalid-options',
        message: expect.stringMatching(
          /^- dataSource .*forRootAsync\(\{ dataSource: 'its name', useFactory/m,
        ),
      });
    },
  );

  it('throws like forRoot when it gets something that is not an object', () => {
    expect(() => ScriptsEventModule.forRoot(null as never)).toThrow('options = null: must be an object');
    expect(() => ScriptsEventModule.forRoot('acme' as never)).toThrow('options = "acme": must be an object');
  });
});

describe('options come from code, then the environment, then the defaults', () => {
  @Injectable()
  class FromClass {
    createScriptsEventOptions(): ScriptsEventModuleOptions {
      return testOptions({ buffer: { size: 22 } });
    }
  }

  const optionsOf = (app: TestingModule): ResolvedOptions => app.get(RESOLVED_OPTIONS);

  it('those of code may come from a factory of forRootAsync', async () => {
    const { options } = await schemaFor();
    const module = ScriptsEventModule.forRootAsync({
      useFactory: async () => testOptions({ buffer: { size: 11 } }),
    });
    const app = await boot(database(options), emitter(), scheduler(), module);
    expect(optionsOf(app).buffer.size).toBe(11);
  });

  it('those of code may come from a class of forRootAsync', async () => {
    const { options } = await schemaFor();
    const module = ScriptsEventModule.forRootAsync({ useClass: FromClass });
    const app = await boot(database(options), emitter(), scheduler(), module);
    expect(optionsOf(app).buffer.size).toBe(22);
  });

  it('invalid ones from a factory make the start fail as those of forRoot do', async () => {
    const { options } = await schemaFor();
    const module = ScriptsEventModule.forRootAsync({ useFactory: () => ({ buffer: { size: -1 } }) });
    await expect(boot(database(options), emitter(), scheduler(), module)).rejects.toMatchObject({
      code: 'invalid-options',
    });
  });

  it('those of the environment replace defaults, and do not replace those of code', async () => {
    const { options } = await schemaFor();
    Object.assign(process.env, {
      EVENT_BUFFER_SIZE: '7',
      EVENT_MAX_DEPTH: '3',
      EVENT_RETRY_MAX_RETRIES: '5',
    });
    try {
      const app = await boot(
        database(options),
        emitter(),
        scheduler(),
        scriptsEvent({ retry: { maxRetries: 1 } }),
      );
      const { buffer, events, retry } = optionsOf(app);
      expect([buffer.size, events.maxDepth, retry.maxRetries]).toEqual([7, 3, 1]);
      expect(buffer.maxRunsPerScript).toBe(5);
    } finally {
      for (const name of ['EVENT_BUFFER_SIZE', 'EVENT_MAX_DEPTH', 'EVENT_RETRY_MAX_RETRIES'])
        delete process.env[name];
    }
  });
});

describe('a failed start leaves no process, connection or timer', () => {
  /** Timers of this process, the test's own included. */
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

  it('when the migrations are missing', async () => {
    const { options, dataSource } = await schemaFor({ migrated: 'no' });
    const before = timers();
    await expect(boot(database(options), emitter(), scheduler(), scriptsEvent())).rejects.toThrow();
    await Promise.all(apps.splice(0).map(closeAfterStart));
    await nothingLeft(dataSource, before);
  });

  (CLOSE_ENDS_FAILED_STARTS ? describe : describe.skip)('on Nest 12 and later', () => {
    it('after close(), when another module of the host fails after this one has started', async () => {
      const { options, dataSource } = await schemaFor();
      const before = timers();
      @Injectable()
      class Failing {
        onModuleInit(): void {
          throw new Error('the host fails too');
        }
      }
      class HostModule {}
      const host = { module: HostModule, providers: [Failing] };
      await expect(boot(database(options), emitter(), scheduler(), scriptsEvent(), host)).rejects.toThrow(
        'the host fails too',
      );
      // What a host does to end what was started.
      await Promise.all(apps.splice(0).map(closeAfterStart));
      await nothingLeft(dataSource, before);
    });
  });

  async function nothingLeft(dataSource: DataSource, timersBefore: number): Promise<void> {
    await noSandboxChildren();
    expect(await sandboxChildren()).toEqual([]);
    expect(dataSources.some(({ isInitialized }) => isInitialized)).toBe(!CLOSE_ENDS_FAILED_STARTS);
    await waitFor('no listening connection is left', async () => {
      const rows: unknown[] = await dataSource.query(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'scripts-event-index' AND datname = current_database()
           AND query LIKE '%' || (SELECT left(md5(current_schema() || '.scripts'), 16)) || '%'`,
      );
      return rows.length === 0;
    });
    await waitFor('no timer is left', () => timers() <= timersBefore);
  }
});
