import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiProperty } from '@nestjs/swagger';
import { Expose, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsDate,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  ValidateNested,
} from 'class-validator';
import { EventTypeNameError, generateScriptTypes } from '../../../lib/index.js';
import { codeBlocks, readPage } from '../docs/pages.js';
import { compile, problemsOf, problemsOfEach } from './compile-scripts.js';
import { limitTests } from '../../support/time-limits.js';

limitTests('busy');

enum Size {
  small = 'S',
  large = 'L',
}

class Address {
  @IsString()
  street!: string;

  @IsOptional()
  @ValidateNested()
  previous?: Address;
}

class FindClient {
  @IsEmail()
  email!: string;

  @IsOptional()
  @IsInt()
  limit?: number;

  @IsEnum(Size)
  size!: Size;

  @IsIn(['asc', 'desc'])
  order!: string;

  @IsArray()
  @IsString({ each: true })
  tags!: string[];

  @ValidateNested({ each: true })
  @Type(() => Address)
  addresses!: Address[];

  @IsDate()
  since!: Date;
}

class Client {
  @Allow()
  id!: number;

  @Allow()
  createdAt!: Date;

  @ValidateNested()
  address!: Address;
}

/** Without a decorator, as the compiler plugin of `@nestjs/swagger` leaves it. */
class Invoice {
  id!: number;
  paidAt!: Date | null;
  note?: string;
  size!: Size;
  lines!: Address[];

  static _OPENAPI_METADATA_FACTORY(): object {
    return {
      id: { required: true, type: () => Number },
      paidAt: { required: true, type: () => Date, nullable: true },
      note: { required: false, type: () => String },
      size: { required: true, enum: Size },
      lines: { required: true, type: () => [Address] },
    };
  }
}

class PaidInvoice extends Invoice {
  paidBy!: string;

  static override _OPENAPI_METADATA_FACTORY(): object {
    return { paidBy: { required: true, type: () => String } };
  }
}

class Shown {
  @ApiProperty({ type: () => [Address], required: false })
  addresses?: Address[];

  @ApiProperty()
  total!: number;

  @Expose()
  name!: string;
}

/** Without any of these: the fields are those of a new object. */
class Plain {
  city: unknown = undefined;
  limit = 50;
  tags: string[] = [];
}

class Wanting {
  constructor(readonly needed: { field: string }) {
    needed.field.toString();
  }
}

const EVENTS = [
  { type: 'client.created', fields: ['clientId', 'name', 'email', 'segment'] },
  { type: 'payment.created', fields: ['paymentId', 'amount', 'currency'] },
  { type: 'order.shipped', fields: ['orderId', 'full-name'] },
  { type: 'order.mapped', fields: null },
];
const BINDINGS = [
  {
    name: 'crm.findClient',
    description: 'A client by its email. */ sneaky',
    input: FindClient,
    result: Client,
  },
  { name: 'crm.notes.list', result: [Client] as const },
  { name: 'crm.delete', input: Address },
  { name: 'lookup' },
  { name: 'invoices.find', result: PaidInvoice },
  { name: 'invoices.shown', result: Shown },
  { name: 'invoices.plain', result: Plain },
  { name: 'invoices.wanting', result: Wanting },
];
const all = generateScriptTypes({ events: EVENTS, bindings: BINDINGS });
const one = generateScriptTypes({ events: EVENTS, bindings: BINDINGS, eventTypes: ['client.created'] });
const catalogue = generateScriptTypes();

const CALL = `{ email: 'a', size: 'S', order: 'asc', tags: [], addresses: [{ street: 's' }], since: new Date() }`;

const GOOD = [
  ['the example of the manual', catalogue, `sdk.log.info('x', { id: ctx.input.paymentId }); return 1;`],
  ['top-level await, and a result', all, `return (await crm.findClient(${CALL})).createdAt.slice(0, 10);`],
  ['a list of results', all, `for (const { id } of await crm.notes.list()) console.log(id.toFixed());`],
  ['a binding named with a word of the language', all, `await crm.delete({ street: 's' });`],
  ['a binding without classes', all, `return (await lookup({ any: 1 })).thing;`],
  ['a class that leads back to itself', all, `await crm.delete({ street: 's', previous: { street: 't' } });`],
  ['a nested result', all, `return (await crm.findClient(${CALL})).address.previous?.street.length;`],
  [
    'telling the payloads apart',
    all,
    `if (ctx.input.amount !== undefined) return ctx.input.currency.length;`,
  ],
  [
    'asking for the type',
    all,
    `if (ctx.type === 'payment.created') return ctx.input.amount.toString();
     switch (ctx.type) { case 'client.created': return ctx.input.email.length; default: return ctx.event.type; }`,
  ],
  [
    'asking for the type of a context that is taken apart',
    all,
    `const { type, input } = ctx; if (type === 'payment.created') return input.currency.length;
     return type === 'order.mapped' ? input.whatever : null;`,
  ],
  [
    'errors by their class',
    all,
    `try { await lookup(); } catch (error) {
       if (error instanceof BindingError && error.code === 'timeout') return error.message.length;
       if (error instanceof LimitError) return error.code.length;
       throw error;
     }`,
  ],
  ['one event type', one, `return ctx.input.email.toLowerCase() + ctx.event.type.length;`],
  ['a field that a mapper adds', one, `return ctx.input.segment.anything;`],
  ['fields of a host type', all, `return [ctx.input.orderId, ctx.input['full-name']];`],
  ['publishing', all, `events.publish('order.checked', { orderId: 1 }); events.publish('order.checked');`],
  [
    'throwing its errors',
    all,
    `throw ctx.actor ? new RetryAfterError(1000, 'later', { cause: 1 }) : new NonRetryableError('no');`,
  ],
  [
    'results of classes without rules',
    all,
    `const { id, paidAt, note, size, lines, paidBy } = await invoices.find();
     const { addresses, total, name } = await invoices.shown();
     const { city, limit, tags, more } = await invoices.plain();
     const whole = id.toFixed() + total.toFixed() + limit.toFixed();
     const texts = paidBy + name + paidAt?.slice(1) + note?.trim() + (size === 'S') + addresses?.[0]?.street.trim();
     return [whole, texts, lines[0]?.street.trim(), city.x, tags.length, more.y, (await invoices.wanting()).z];`,
  ],
  ['the language itself', all, `return new Map([[1, new Intl.NumberFormat('en').format(2)]]).size;`],
] as const;

const BAD = [
  ['a field that no payload has', all, `\nctx.input.emial;`, /^2: Property 'emial' does not exist/],
  ['a field of another type', one, `ctx.input.amount;`, /^1: Property 'amount' does not exist/],
  ['a field that may be missing', catalogue, `ctx.input.amount.toString();`, /possibly 'undefined'/],
  ['an assignment to the event', all, `ctx.input.email = 'x';`, /read-only/],
  ['an event type that does not exist', all, `ctx.event.type === 'client.creatd';`, /no overlap/],
  ['an event type that does not exist, in ctx.type', all, `ctx.type === 'client.creatd';`, /no overlap/],
  [
    'a field of another type than was asked for',
    all,
    `if (ctx.type === 'client.created') ctx.input.amount.toString();`,
    /'never'|possibly 'undefined'|'undefined'/,
  ],
  [
    'such a field of a context that is taken apart',
    all,
    `const { type, input } = ctx;\nif (type === 'client.created') input.orderId.length;`,
    /^2: .*('never'|possibly 'undefined'|'undefined')/,
  ],
  ['an error that only calls throw', all, `throw new BindingError('no');`, /is private/],
  [
    'a code that no error has',
    all,
    `try { events.publish('a'); } catch (error) { if (error instanceof EventTypeError) error.code === 'x'; }`,
    /no overlap/,
  ],
  [
    'a field that a result without rules does not have',
    all,
    `(await invoices.find()).amount;`,
    /'amount' does not exist/,
  ],
  ['a result that may be null', all, `(await invoices.find()).paidAt.trim();`, /possibly 'null'/],
  ['a word that no enum of a result has', all, `(await invoices.find()).size === 'M';`, /no overlap/],
  [
    'a number in a result without decorators',
    all,
    `(await invoices.plain()).limit.trim();`,
    /'trim' does not exist/,
  ],
  ['a missing field of an input', all, `crm.delete({});`, /'street' is missing/],
  [
    'a field that an input does not have',
    all,
    `crm.delete({ street: '', town: '' });`,
    /'town' does not exist/,
  ],
  [
    'a wrong type in an input',
    all,
    `crm.delete({ street: 1 });`,
    /'number' is not assignable to type 'string'/,
  ],
  [
    'a word that is none of an enum',
    all,
    `crm.findClient({ ...${CALL}, size: 'M' });`,
    /not assignable to type '"S" \| "L"'/,
  ],
  ['a word that is none of a list', all, `crm.findClient({ ...${CALL}, order: 'up' });`, /"asc" \| "desc"/],
  [
    'a forgotten await',
    all,
    `crm.findClient(${CALL}).address;`,
    /'address' does not exist on type 'Promise<Client>'/,
  ],
  ['a binding that does not exist', all, `crm.findClients();`, /Did you mean 'findClient'/],
  ['publishing an event of the host', all, `events.publish('client.created', {});`, /'never'/],
  ['publishing script.*', all, `events.publish('script.event', {});`, /'never'/],
  ['publishing a text', all, `events.publish('a', 'text');`, /not assignable to .*'object'/],
  ['RetryAfterError without a time', all, `throw new RetryAfterError('soon');`, /'string' is not assignable/],
  ['the DOM', all, `document.title;`, /Cannot find name 'document'/],
  ['Node.js', all, `process.exit(); require('fs');`, /Cannot find name 'process'/],
  ['timers', all, `setTimeout(() => {});`, /Cannot find name 'setTimeout'/],
  ['fetch', all, `await fetch('x');`, /Cannot find name 'fetch'/],
] as const;

/** The errors in the scripts above; scripts with the same types are compiled together. */
const found = new Map<string, string[]>();
beforeAll(() => {
  for (const types of [catalogue, all, one]) {
    const sources = [...GOOD, ...BAD].filter((row) => row[1] === types).map(([, , source]) => source);
    const problems = problemsOfEach(types, sources);
    for (const [index, source] of sources.entries()) found.set(source, problems[index]!);
  }
});

describe('the types of scripts', () => {
  it.each(GOOD)('accept a correct script: %s', (_what, _types, source) => {
    expect(found.get(source)).toEqual([]);
  });

  it.each(BAD)('find the mistake in a bad script: %s', (_what, _types, source, problem) => {
    expect(found.get(source)?.[0]).toMatch(problem);
  });

  it('check scripts in TypeScript as well, narrowed by hand', () => {
    const narrowed = `const { input } = ctx as ScriptContext<'client.created'>;\nreturn input.name.length;`;
    expect(problemsOfEach(all, [narrowed, `${narrowed}\ninput.amount;`], 'ts')).toEqual([
      [],
      [expect.stringMatching(/^3: Property 'amount' does not exist/)],
    ]);
  });

  it('know an event of scripts, and its payload if that is declared', () => {
    const types = generateScriptTypes({ events: EVENTS, eventTypes: ['order.checked'] });
    expect(problemsOf(types, 'return ctx.input.anything;')).toEqual([]);
    const declared = `interface ScriptEvents { 'stock.low': { sku: string } }\n${all}`;
    const publish = (sku: string): string => `events.publish('stock.low', { sku: ${sku} });`;
    expect(problemsOfEach(declared, [publish("'a'"), publish('1')])).toEqual([
      [],
      [expect.stringMatching(/'number' is not/)],
    ]);
  });

  it('contain the descriptions of bindings, none of which can end its comment', () => {
    expect(all).toContain('  /** A client by its email. * / sneaky */\n  readonly findClient');
  });

  it('have the payloads that hosts emit: each type of the catalogue is assignable both ways', () => {
    const payloads = readFileSync(join(__dirname, '../../../lib/common/event-payloads.ts'), 'utf8');
    const same = `import type { DomainEventPayloads as Emitted } from './event-payloads.js';
      type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
      type Wrong = { [T in keyof Emitted]: Same<keyof Emitted[T], keyof ScriptEvents[T]> extends true
        ? [Emitted[T], ScriptEvents[T]] extends [ScriptEvents[T], Emitted[T]] ? never : T : T }[keyof Emitted];
      const none: [Wrong] extends [never] ? true : Wrong = true;
      const all: Same<keyof Emitted | 'schedule', keyof ScriptEvents> = true;
      export { none, all };`;
    const files = { '/scripts.d.ts': catalogue, '/event-payloads.ts': payloads, '/same.ts': same };
    expect(compile(files)).toEqual([]);
    const changed = {
      ...files,
      '/event-payloads.ts': payloads.replace('firstName: string', 'firstName: number'),
    };
    expect(compile(changed)).toHaveLength(1);
  });

  it('narrow the input of a schedule by ctx.type', () => {
    const types = generateScriptTypes({ eventTypes: ['user.created', 'schedule'] });
    const right = `if (ctx.type === 'schedule') {
      const since = ctx.input.previousRunAt === null ? 0 : ctx.input.previousRunAt.length;
      return [ctx.input.scheduledFor.slice(0, 10), since, ctx.input.payload.anything];
    }
    return ctx.input.email;`;
    const wrong = `return ctx.type === 'schedule' ? ctx.input.email.length : events.publish('schedule');`;
    const [none, some] = problemsOfEach(types, [right, wrong]);
    expect(none).toEqual([]);
    expect(some).toHaveLength(2);
  });

  it("accept the manual's scripts that handle errors, with the manual's settings for an editor", () => {
    const page = readPage('docs/writing-scripts.md');
    const scripts = codeBlocks(page, 'js').filter(({ code }) => /catch|Error\(/.test(code));
    expect(scripts.length).toBeGreaterThan(1);
    const types = generateScriptTypes({
      eventTypes: ['user.created'],
      bindings: [{ name: 'crm.findClient' }],
    });
    const sources = scripts.map(({ code }) => code);
    expect(problemsOfEach(types, sources).flat()).toEqual([]);
  });

  it('know the types that a pattern matches, and allow any type for a pattern that matches no known one', () => {
    const clients = generateScriptTypes({ eventTypes: ['client.*', 'user.created'] });
    expect(clients).toContain(
      'declare const ctx: ScriptContext<"client.created" | "client.updated" | "client.deleted" | "user.created">;',
    );
    expect(problemsOf(clients, 'return [ctx.input.email, ctx.event.type];')).toEqual([]);
    expect(generateScriptTypes({ eventTypes: ['acme.**'] })).toContain('ScriptContext<ScriptEventType>');
    expect(() => generateScriptTypes({ eventTypes: ['acme.**.x'] })).toThrow(EventTypeNameError);
  });

  it('refuse an invalid name of an event type', () => {
    expect(() => generateScriptTypes({ eventTypes: ['client created'] })).toThrow(EventTypeNameError);
  });

  it('let a file in an editor return at its top level with the one comment that the manual gives', () => {
    const body = `async function main() {\n  return ctx.input.email;\n}\n// @ts-ignore -- the body of a script may return\nreturn main();`;
    expect(compile({ '/scripts.d.ts': one, '/script.js': body })).toEqual([]);
    expect(compile({ '/scripts.d.ts': one, '/script.js': 'await 1; return 2;' })).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/'return' statement/) }),
    ]);
  });
});
