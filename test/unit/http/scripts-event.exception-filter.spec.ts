import { Controller, Get, type INestApplication, Param, type Type } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  CancelUnconfirmedError,
  DurableBufferRequiredError,
  EventBufferClosedError,
  ScriptNotFoundError,
  ScriptsEventError,
  ScriptsEventExceptionFilter,
  ScriptValidationError,
  DuplicateScriptNameError,
} from 'nestjs-scripts-event';
import request from 'supertest';

/** An error that a binding of the host may throw if a right is missing. */
class ForbiddenScriptError extends ScriptsEventError {
  readonly code = 'not-your-script';
  override readonly category = 'forbidden';
}

/** An error of the host about one record. */
class BrokenError extends ScriptsEventError {
  readonly code = 'broken';
  readonly tenantId = 'acme';

  constructor(
    readonly executionId: string,
    cause: Error,
  ) {
    super('A record is broken.', { cause });
  }
}

const ISSUES = [{ path: 'name', code: 'required', message: 'give a name' }];

const ERRORS: Record<string, () => Error> = {
  invalid: () => new ScriptValidationError(ISSUES),
  forbidden: () => new ForbiddenScriptError('Only its owner may read this script.'),
  'not-found': () => new ScriptNotFoundError('s-1'),
  conflict: () => new DuplicateScriptNameError('Once'),
  internal: () => new DurableBufferRequiredError('manager'),
  unavailable: () => new EventBufferClosedError(),
  'unavailable, with ids': () => new CancelUnconfirmedError('e-1', 'nobody answers'),
  'internal, with ids of a cause': () => new BrokenError('r-1', new ScriptNotFoundError('s-1')),
};

@Controller()
class FailingController {
  @Get(':category')
  fail(@Param('category') category: string): never {
    throw (ERRORS[category] as () => Error)();
  }
}

const ADAPTERS: Record<string, Type<ExpressAdapter> | Type<FastifyAdapter>> = {
  Express: ExpressAdapter,
  Fastify: FastifyAdapter,
};

describe.each(Object.keys(ADAPTERS))('the exception filter on %s', (name) => {
  const logged: string[] = [];
  let app: INestApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      controllers: [FailingController],
      providers: [{ provide: APP_FILTER, useClass: ScriptsEventExceptionFilter }],
    }).compile();
    const keep = (...line: unknown[]): void => void logged.push(line.map(String).join(' '));
    const logger = { log: () => undefined, debug: () => undefined, warn: keep, error: keep };
    const Adapter = ADAPTERS[name] as Type<ExpressAdapter>;
    app = module.createNestApplication(new Adapter(), { logger });
    await app.init();
    if (name === 'Fastify') await (app as NestFastifyApplication).getHttpAdapter().getInstance().ready();
  });
  beforeEach(() => logged.splice(0));
  afterAll(() => app.close());

  const answer = async (category: string) => {
    const { status, body } = await request(app.getHttpServer()).get(`/${category}`);
    return { status, body: body as Record<string, unknown> };
  };

  it('answers 400 to an invalid value, with its issues', async () => {
    expect(await answer('invalid')).toEqual({
      status: 400,
      body: { statusCode: 400, code: 'invalid-script', message: 'name: give a name', issues: ISSUES },
    });
  });

  it.each([
    ['forbidden', 403, 'not-your-script', 'Only its owner may read this script.'],
    ['not-found', 404, 'script-not-found', new ScriptNotFoundError('s-1').message],
    ['conflict', 409, 'duplicate-script-name', new DuplicateScriptNameError('Once').message],
  ])(
    'answers %s with %d, the code and the message of the error',
    async (category, statusCode, code, message) => {
      // A name that is taken is also a problem of a field.
      const issues = category === 'conflict' ? [{ path: 'name', code: 'duplicate', message }] : undefined;
      const body = { statusCode, code, message, ...(issues && { issues }) };
      expect(await answer(category)).toEqual({ status: statusCode, body });
      expect(logged).toEqual([]);
    },
  );

  it('answers 503 while the application stops, and logs the reason', async () => {
    const { status, body } = await answer('unavailable');
    expect(status).toBe(503);
    expect(body).toEqual({
      statusCode: 503,
      code: 'event-buffer-closed',
      message: 'Temporarily unavailable. Try again later.',
    });
    expect(logged.join()).toContain(new EventBufferClosedError().message);
  });

  it('answers 500 to an internal error, shows nothing of it, and logs it', async () => {
    expect(await answer('internal')).toEqual({
      status: 500,
      body: { statusCode: 500, message: 'Internal server error' },
    });
    expect(logged.join()).toContain(new DurableBufferRequiredError('manager').message);
  });

  it.each([
    ['unavailable, with ids', /cancel-unconfirmed: .* \[execution e-1\]/],
    [
      'internal, with ids of a cause',
      /BrokenError: A record is broken\..* \[tenant acme, script s-1, execution r-1\]/,
    ],
  ])('logs an error that is %s, with all known ids', async (category, line) => {
    await answer(encodeURIComponent(category));
    expect(logged.join()).toMatch(line);
  });
});

describe('the exception filter outside HTTP', () => {
  it('throws the error again', () => {
    const error = new ScriptNotFoundError('s-1');
    const host = { getType: () => 'rpc' } as never;
    expect(() => new ScriptsEventExceptionFilter().catch(error, host)).toThrow(error);
  });
});
