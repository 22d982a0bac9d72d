import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Logger as PinoLogger, LoggerModule, NativeLogger, nativeLoggerOptions } from 'nestjs-pino';
import { lineAbout } from '../../../lib/common/log-line.js';
import { PrintableLogger } from '../../../lib/common/printable-logger.js';

/** A logger of a host, and a way to read a line of it as a person or a tool does. */
interface Host {
  logger: LoggerService;
  read: (line: string) => { text: string; fields: Record<string, unknown> };
}

/** The lines that the loggers have written. */
let written: string[] = [];
const stream = { write: (chunk: string) => void written.push(...chunk.split('\n').slice(0, -1)) };

type Json = Record<string, unknown>;
const parsed = (line: string): Json => JSON.parse(line) as Json;
/** The text after the context of the logger. */
const asText = (line: string) => ({ text: line.slice(line.indexOf(CONTEXT) + CONTEXT.length), fields: {} });
const CONTEXT = '[Test] ';

/** Nest 11 has no separate parameters, so the text and fields of a line are in one object. */
function asNestJson(line: string): { text: string; fields: Json } {
  const { message, params = {}, ...rest } = parsed(line);
  if (typeof message === 'object') {
    const { message: text, ...fields } = message as Json;
    return { text: text as string, fields };
  }
  return { text: message as string, fields: { ...(params as Json), ...ours(rest) } };
}

const ours = (record: Json): Json =>
  Object.fromEntries(Object.entries(record).filter(([name]) => /^(scripts_event|messaging)\./.test(name)));

async function pinoHost(kind: typeof PinoLogger | typeof NativeLogger, more: object = {}) {
  const module = await Test.createTestingModule({
    imports: [
      LoggerModule.forRoot({ pinoHttp: [{ ...nativeLoggerOptions, level: 'trace' }, stream], ...more }),
    ],
  }).compile();
  return module.get<LoggerService>(kind);
}

const HOSTS: Record<'fields' | 'text', Record<string, () => Host | Promise<Host>>> = {
  fields: {
    'ConsoleLogger with json': () => ({ logger: new ConsoleLogger({ json: true }), read: asNestJson }),
    'ConsoleLogger with json and flat parameters': () => ({
      logger: new ConsoleLogger({ json: true, flattenParams: true }),
      read: asNestJson,
    }),
    'ConsoleLogger with json and without parameters': () => ({
      logger: new ConsoleLogger({ json: true, structuredParams: false }),
      read: asNestJson,
    }),
    // Nestjs-pino keeps pino's options of the first application of a process: the key of the text is "message" here.
    'Logger of nestjs-pino': async () => ({ logger: await pinoHost(PinoLogger), read: asNestJson }),
    'NativeLogger of nestjs-pino': async () => ({
      logger: await pinoHost(NativeLogger, {
        nativeLogger: { structuredParams: true },
      }),
      read: asNestJson,
    }),
  },
  text: {
    ConsoleLogger: () => ({ logger: new ConsoleLogger({ colors: false }), read: asText }),
    'NativeLogger of nestjs-pino without parameters': async () => ({
      logger: await pinoHost(NativeLogger, {
        nativeLogger: { structuredParams: false },
      }),
      read: asNestJson,
    }),
    'a logger of the host': () => ({
      logger: ownLogger((message, context) => `[${context}] ${message}`),
      read: asText,
    }),
    'a logger of the host whose parts throw': () => ({
      logger: Object.defineProperty(
        ownLogger((message, context) => `[${context}] ${message}`),
        'logger',
        {
          get: () => {
            throw new Error('not ours to read');
          },
        },
      ),
      read: asText,
    }),
  },
};

function ownLogger(format: (message: unknown, context: unknown) => string): LoggerService {
  const write = (...args: unknown[]): void => stream.write(`${format(args[0], args.at(-1))}\n`);
  return { log: write, warn: write, error: write, debug: write };
}

const LEVELS = ['debug', 'log', 'warn', 'error'] as const;
const atEachLevel = <T>(line: T): T[] => LEVELS.map(() => line);

const HOSTILE = 'a\nERROR forged\r\u001b[31m\u009b1m\u202e\u2066\u2028 "}{%s %d %o %% ,';
const SHOWN = 'a\\nERROR forged\\r\\x1b[31m\\x9b1m\\u202e\\u2066\\u2028 "}{%s %d %o %% ,';
// eslint-disable-next-line no-control-regex
const RAW = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const ABOUT = {
  tenantId: 'acme',
  scriptId: 'script-1',
  scriptName: 'Welcome',
  scriptVersion: 3,
  executionId: 'execution-1',
  eventId: 'event-1',
  deadLetterId: 'letter-1',
};
const FIELDS = {
  'scripts_event.tenant.id': 'acme',
  'scripts_event.script.id': 'script-1',
  'scripts_event.script.version': 3,
  'scripts_event.execution.id': 'execution-1',
  'messaging.message.id': 'event-1',
  'scripts_event.dead_letter.id': 'letter-1',
};

describe('a line of the log', () => {
  beforeEach(() => {
    written = [];
    for (const out of [process.stdout, process.stderr])
      jest.spyOn(out, 'write').mockImplementation((chunk) => (stream.write(String(chunk)), true));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    Logger.overrideLogger(['error', 'warn', 'log']);
  });

  const through = async (make: () => Host | Promise<Host>) => {
    const host = await make();
    written = [];
    Logger.overrideLogger(host.logger);
    return { logger: new PrintableLogger('Test'), read: () => written.map(host.read) };
  };

  describe.each(Object.entries(HOSTS.fields))('through %s', (_, make) => {
    it('has the ids of its execution as fields and not in its text, at each level', async () => {
      const { logger, read } = await through(make);
      for (const level of LEVELS)
        logger[level](
          lineAbout(
            ABOUT,
            ({ event, script, ofTenant }) => `Event${event} for script ${script}${ofTenant} failed.`,
            { tries: 2 },
          ),
        );
      const expected = {
        text: 'Event for script "Welcome" failed.',
        fields: { ...FIELDS, 'scripts_event.details': { tries: 2 } },
      };
      expect(read()).toEqual(atEachLevel(expected));
    });

    it("is one line in which a tenant's text is escaped and can't add a field", async () => {
      const { logger, read } = await through(make);
      const about = { ...ABOUT, tenantId: HOSTILE, scriptId: HOSTILE, scriptName: undefined };
      for (const level of LEVELS)
        logger[level](lineAbout(about, ({ script }) => `${script}: ${HOSTILE}`, { [HOSTILE]: HOSTILE }));
      expect(written.filter((line) => RAW.test(line))).toEqual([]);
      const fields = {
        ...FIELDS,
        'scripts_event.tenant.id': SHOWN,
        'scripts_event.script.id': SHOWN,
        'scripts_event.details': { [SHOWN]: SHOWN },
      };
      expect(read()).toEqual(atEachLevel({ text: `${SHOWN}: ${SHOWN}`, fields }));
    });
  });

  describe.each(Object.entries(HOSTS.text))('through %s', (_, make) => {
    it('has the ids of its execution in its text: some in the sentence, and the others after it', async () => {
      const { logger, read } = await through(make);
      for (const level of LEVELS)
        logger[level](
          lineAbout(
            ABOUT,
            ({ event, script, ofTenant }) => `Event${event} for script ${script}${ofTenant} failed.`,
            { tries: 2 },
          ),
        );
      logger.warn(lineAbout(ABOUT, () => 'It failed.'));
      logger.warn(lineAbout({ tenantId: 'a', eventId: null }, () => 'A failure.'));
      const said =
        'Event event-1 for script "Welcome" (script-1) of tenant acme failed. [execution execution-1, dead letter letter-1] {"tries":2}';
      const unsaid =
        'It failed. [tenant acme, script "Welcome" (script-1), execution execution-1, event event-1, dead letter letter-1]';
      expect(read().map(({ text }) => text)).toEqual([
        said,
        said,
        said,
        said,
        unsaid,
        'A failure. [tenant a]',
      ]);
    });

    it("is one line in which a tenant's text is escaped", async () => {
      const { logger, read } = await through(make);
      const about = { ...ABOUT, tenantId: HOSTILE, scriptId: HOSTILE, executionId: HOSTILE };
      for (const level of LEVELS)
        logger[level](
          lineAbout(about, ({ script }) => `Script ${script}: ${HOSTILE}`, { [HOSTILE]: HOSTILE }),
        );
      expect(written).toHaveLength(LEVELS.length);
      expect(written.filter((line) => RAW.test(line))).toEqual([]);
      const inJson = JSON.stringify({ [SHOWN]: SHOWN });
      expect(read().map(({ text }) => text)).toEqual(
        atEachLevel(
          `Script "Welcome" (${SHOWN}): ${SHOWN} [tenant ${SHOWN}, execution ${SHOWN}, event event-1, dead letter letter-1] ${inJson}`,
        ),
      );
    });
  });

  it.each(Object.entries({ ...HOSTS.fields, ...HOSTS.text }))(
    'has no ids and no fields through %s if it is about no execution, script or tenant',
    async (_, make) => {
      const { logger, read } = await through(make);
      for (const level of LEVELS) logger[level](`Ready: ${HOSTILE}`);
      expect(read()).toEqual(atEachLevel({ text: `Ready: ${SHOWN}`, fields: {} }));
    },
  );

  it('is not written if the host has turned its logger off', async () => {
    Logger.overrideLogger(false);
    new PrintableLogger('Test').error(lineAbout(ABOUT, () => 'It failed.'));
    expect(written).toEqual([]);
  });
});
