import { BadRequestException, ForbiddenException, InternalServerErrorException } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsEmail, IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import type { BindingContext } from '../../../lib/bindings/binding-context.js';
import { BindingCallError } from '../../../lib/common/binding-call.error.js';
import type { JsonValue } from '../../../lib/common/json.js';
import { bindingRegistry, bindingRun, call, declare } from '../../support/bindings.js';

class Address {
  @IsString()
  @MaxLength(20)
  city!: string;
}

class FindClient {
  @IsEmail()
  email!: string;

  @IsOptional()
  @IsInt()
  limit?: number;

  @IsOptional()
  @ValidateNested()
  @Type(() => Address)
  address?: Address;
}

const SECRET = 'postgres://crm:s3cret@10.0.0.7/crm';
const GOOD = { email: 'ada@example.com' };

function withFind(invoke: (input: FindClient, context: BindingContext) => unknown = (input) => input) {
  const fixture = bindingRegistry();
  declare(fixture.registry, 'crm.find', invoke as never, { input: FindClient });
  return fixture;
}

const refusal = (answer: Promise<unknown>): Promise<BindingCallError> =>
  answer.then(
    () => {
      throw new Error('the call went through');
    },
    (error: unknown) => error as BindingCallError,
  );

describe('the input of a binding', () => {
  it('arrives as an instance of its class, nested objects included', async () => {
    let seen: FindClient | undefined;
    const { registry } = withFind((input) => void (seen = input));
    await call(registry, 'crm.find', { ...GOOD, address: { city: 'Oslo' } });
    expect(seen).toBeInstanceOf(FindClient);
    expect(seen?.address).toBeInstanceOf(Address);
  });

  it.each<[string, JsonValue, string]>([
    ['a text', 'ada@example.com', 'crm.find: expected an object, got a string'],
    ['null', null, 'crm.find: expected an object, got nothing'],
    ['a list', [GOOD], 'crm.find: expected an object, got a list'],
    ['an object without a field', {}, 'crm.find: email must be an email'],
    ['an object with an unknown field', { ...GOOD, admin: true }, 'crm.find: unknown field admin; remove it'],
    [
      'an object with wrong fields within a field',
      { ...GOOD, address: { city: 7, zip: 1 } },
      'crm.find: unknown field address.zip; remove it; address.city must be shorter than or equal to 20 ' +
        'characters; address.city must be a string',
    ],
  ])('is refused with a message for the author: %s', async (_what, input, message) => {
    const invoke = jest.fn();
    const { registry, metrics, warnings } = withFind(invoke);
    const error = await refusal(call(registry, 'crm.find', input));
    expect(error).toMatchObject({ code: 'invalid-input', message });
    expect(invoke).not.toHaveBeenCalled();
    expect(metrics.bindingMetrics()).toEqual({ 'crm.find': { invalid: 1 } });
    expect(warnings).toEqual([]);
  });

  it('is refused with a short message, however many of its fields are wrong', async () => {
    const { registry } = withFind();
    const wrong = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, at) => [`${at}${'x'.repeat(500)}`, 1]),
    );
    const { message } = await refusal(call(registry, 'crm.find', { ...GOOD, ...wrong }));
    expect(message.length).toBeLessThan(1_200);
    expect(message).toMatch(/; and 1995 more$/);
  });

  it('is refused if it has more than 10,000 values on all levels together', async () => {
    const { registry } = withFind();
    const flat = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`k${at}`, 0]));
    const deep = Array.from({ length: 5_001 }, () => [[]]);
    for (const wrong of [flat, { ...GOOD, deep }, { ...GOOD, deep: [deep, flat] }]) {
      const { message } = await refusal(call(registry, 'crm.find', wrong));
      expect(message).toBe('crm.find: the input has more than 10000 values, counting every level');
    }
    const { message } = await refusal(call(registry, 'crm.find', { ...GOOD, deep: deep.slice(0, 4_990) }));
    expect(message).toMatch(/^crm.find: unknown field deep/);
  });

  it('can’t set a prototype', async () => {
    const { registry } = withFind((input) => Object.getPrototypeOf(input) === FindClient.prototype);
    const hostile = JSON.parse('{"email":"ada@example.com","__proto__":{"limit":7}}') as JsonValue;
    expect(await call(registry, 'crm.find', hostile)).toBe(true);
    expect(({} as FindClient).limit).toBeUndefined();
  });

  it('may be any JSON if the binding declares no class', async () => {
    const { registry } = bindingRegistry();
    declare(registry, 'echo', (input) => input);
    expect(await call(registry, 'echo', [1, { a: null }])).toEqual([1, { a: null }]);
  });
});

describe('the context of a call', () => {
  it('names the execution, script, tenant and event that the call is made for, and is frozen', async () => {
    let seen: BindingContext | undefined;
    const { registry } = bindingRegistry();
    declare(registry, 'who', (_input, context) => void (seen = context));
    await call(registry, 'who');
    expect(seen).toEqual({
      ...bindingRun([]).context,
      signal: expect.any(AbortSignal),
      secrets: { resolve: expect.any(Function) },
    });
    expect(seen?.secrets.resolve('text')).toBe('text');
    expect(Object.isFrozen(seen)).toBe(true);
  });
});

describe('the answer of a binding', () => {
  it.each<[string, unknown, unknown]>([
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['nothing', undefined, null],
    ['an instance', Object.assign(new Address(), { city: 'Oslo', zip: undefined }), { city: 'Oslo' }],
    ['a promise', Promise.resolve(7), 7],
  ])('reaches the script in its JSON form: %s', async (_what, answer, expected) => {
    const { registry, metrics } = bindingRegistry();
    declare(registry, 'get', () => answer);
    expect(await call(registry, 'get')).toEqual(expected);
    expect(metrics.bindingMetrics()).toEqual({ get: { ok: 1 } });
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  it.each([
    ['a BigInt', { amount: 1n }],
    ['a cycle', cyclic],
  ])(
    'becomes a typed error for the script, and a warning for the operator, if it is %s',
    async (_what, answer) => {
      const { registry, warnings } = bindingRegistry();
      declare(registry, 'get', () => answer);
      const error = await refusal(call(registry, 'get'));
      expect(error.code).toBe('invalid-result');
      expect(error.message).toBe(
        "get: the binding returned a value that can't be converted to JSON; report this to the operator of the application",
      );
      expect(warnings[0]).toMatch(
        /^Binding get \(Test\.get\), called by script "Welcome" \(script-1\) of tenant acme: /,
      );
    },
  );

  it('is counted under limit if it has more bytes than maxBytes', async () => {
    const { registry, metrics } = bindingRegistry({ maxBytes: 10 });
    declare(registry, 'get', () => 'x'.repeat(10));
    await call(registry, 'get');
    expect(metrics.bindingMetrics()).toEqual({ get: { limit: 1 } });
  });
});

describe('a binding that throws', () => {
  async function thrownBy(error: unknown) {
    const fixture = bindingRegistry();
    declare(fixture.registry, 'crm.find', async () => {
      throw error;
    });
    return { ...fixture, shown: await refusal(call(fixture.registry, 'crm.find')) };
  }

  it('shows the script nothing of an error that was not written for scripts, and logs it for the operator', async () => {
    const { shown, warnings, metrics } = await thrownBy(new Error(`connect ${SECRET}\nsecond line`));
    expect(shown).toMatchObject({ code: 'failed', message: 'crm.find failed' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`connect ${SECRET} second line at `);
    expect(warnings[0]).not.toContain('\n');
    expect(metrics.bindingMetrics()).toEqual({ 'crm.find': { failed: 1 } });
  });

  it('is logged for the operator in one short line, however long its message is', async () => {
    for (const odd of ['\n', ' ', ' at ', '\n at ']) {
      const { registry, warnings } = withFind(() => {
        throw new Error(`no client ${odd.repeat(200_000)}`);
      });
      await refusal(call(registry, 'crm.find', GOOD));
      expect(warnings).toHaveLength(1);
      expect(warnings[0]!.length).toBeLessThan(1_300);
    }
  });

  it('is logged once if it throws the same error several times within a minute', async () => {
    const { registry, warnings } = bindingRegistry();
    declare(registry, 'crm.find', () => Promise.reject(new Error('away')));
    for (let times = 0; times < 5; times += 1) await refusal(call(registry, 'crm.find'));
    expect(warnings).toHaveLength(1);
  });

  it.each([
    ['a text', 'secret'],
    ['nothing', undefined],
    [
      'an error whose message cannot be read',
      Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('shows the script only "failed" if it throws %s', async (_what, thrown) => {
    expect((await thrownBy(thrown)).shown).toMatchObject({ code: 'failed', message: 'crm.find failed' });
  });

  it('shows the script a BindingCallError as it is', async () => {
    const { shown, warnings } = await thrownBy(new BindingCallError('over-quota', 'Come back tomorrow'));
    expect(shown).toMatchObject({ code: 'over-quota', message: 'Come back tomorrow' });
    expect(warnings).toEqual([]);
  });

  it.each([
    [new ForbiddenException('Not your client'), 'http-403', 'Not your client'],
    [
      new BadRequestException(['a must be text', 'b must be text']),
      'http-400',
      'a must be text; b must be text',
    ],
    [new InternalServerErrorException(SECRET), 'failed', 'crm.find failed'],
  ])('shows the script %p as the code %s', async (exception, code, message) => {
    expect((await thrownBy(exception)).shown).toMatchObject({ code, message });
  });
});

describe('a binding that does not answer', () => {
  const waitsFor =
    (seen: AbortSignal[]) =>
    (_input: never, { signal }: BindingContext): Promise<never> => {
      seen.push(signal);
      return new Promise(() => undefined);
    };

  it('times out after its own timeoutMs, and its signal aborts', async () => {
    const seen: AbortSignal[] = [];
    const { registry, metrics, warnings } = bindingRegistry();
    declare(registry, 'slow', waitsFor(seen), { timeoutMs: 20 });
    const error = await refusal(call(registry, 'slow'));
    expect(error).toMatchObject({
      code: 'timeout',
      message: 'slow took longer than its timeoutMs = 20',
      retryable: true,
    });
    expect(seen[0]?.aborted).toBe(true);
    expect(metrics.bindingMetrics()).toEqual({ slow: { timeout: 1 } });
    expect(warnings).toHaveLength(1);
  });

  it('has at most the bindingTimeout of the sandbox, even if its own timeoutMs is longer', () => {
    const { registry } = bindingRegistry({ timeoutMs: 100 });
    declare(registry, 'slow', () => null, { timeoutMs: 200 });
    expect(registry.list()[0]?.timeoutMs).toBe(100);
  });

  it('is aborted when the run is over, and counted as cancelled without a warning', async () => {
    const seen: AbortSignal[] = [];
    const { registry, metrics, warnings } = bindingRegistry();
    declare(registry, 'slow', waitsFor(seen));
    const run = new AbortController();
    const answer = refusal(call(registry, 'slow', null, run.signal));
    run.abort(new Error('the run is over'));
    await answer;
    expect(seen[0]?.aborted).toBe(true);
    expect(metrics.bindingMetrics()).toEqual({ slow: { cancelled: 1 } });
    expect(warnings).toEqual([]);
  });

  it('is not called if the run has already ended', async () => {
    const invoke = jest.fn();
    const { registry } = bindingRegistry();
    declare(registry, 'slow', invoke);
    await refusal(call(registry, 'slow', null, AbortSignal.abort(new Error('the run is over'))));
    expect(invoke).not.toHaveBeenCalled();
  });
});

describe('the list of bindings that a script may call', () => {
  it.each([[null], [[]], [['crm.other']]])('refuses a binding that it does not name: %p', async (allowed) => {
    const { registry, metrics } = withFind();
    const error = await refusal(
      registry.call('crm.find', GOOD, bindingRun(allowed), new AbortController().signal),
    );
    expect(error).toMatchObject({
      code: 'not-allowed',
      message: 'This script isn\'t allowed to call crm.find: add "crm.find" to its bindings',
    });
    expect(metrics.bindingMetrics()).toEqual({ 'crm.find': { not_allowed: 1 } });
  });

  it('can’t name a binding that the application does not declare', () => {
    const { registry } = withFind();
    expect(registry.problemOf('crm.find')).toBeNull();
    expect(registry.problemOf('crm.fnid')).toBe('Unknown binding "crm.fnid". Did you mean "crm.find"?');
    expect(registry.problemOf('somethingElse')).toBe('Unknown binding "somethingElse". Available: crm.find');
    expect(bindingRegistry().registry.problemOf('crm.find')).toBe(
      'Unknown binding "crm.find": this application has no bindings.',
    );
  });

  it('adds no metric for a name that the application does not declare', async () => {
    const { registry, metrics } = withFind();
    await refusal(call(registry, 'forged'));
    expect(metrics.bindingMetrics()).toEqual({});
  });
});
