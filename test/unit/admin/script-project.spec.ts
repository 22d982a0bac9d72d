import ts from 'typescript';
import { ScriptProject } from '../../../lib/admin/page/editor/types/script-project.js';
import type { Answers, Question, ScriptText } from '../../../lib/admin/page/editor/types/types.messages.js';
import { generateScriptTypes } from '../../../lib/index.js';
import { limitTests } from '../../support/time-limits.js';
import { typescriptLibrary } from '../../support/typescript-library.js';

limitTests('busy');

describe('the editor of scripts', () => {
  const clients = generateScriptTypes({ eventTypes: ['client.created'] });
  const all = generateScriptTypes({
    eventTypes: ['client.created', 'payment.created'],
    bindings: [{ name: 'crm.findClient', description: 'Finds a client.' }],
  });
  const project = new ScriptProject(ts, typescriptLibrary());

  /** Asks where `|` stands in the source. */
  function ask<About extends Question['about']>(
    about: About,
    marked: string,
    { language = 'javascript', types = all }: Partial<ScriptText> = {},
  ): Answers[About] {
    const at = marked.indexOf('|');
    project.write({ source: marked.replace('|', ''), language, types });
    return project.answer({ about, at } as Question) as Answers[About];
  }

  function problems(source: string, more?: Partial<ScriptText>): string[] {
    return ask('problems', source, more).map(
      ({ severity, from, to, message }) => `${severity} at "${source.slice(from, to)}": ${message}`,
    );
  }

  const labels = (marked: string, more?: Partial<ScriptText>): string[] =>
    ask('completions', marked, more)?.options.map(({ label }) => label) ?? [];

  it('accepts what a script may do: return, await and throw at its top level', () => {
    const source = `if (!ctx.actor) return null;
const client = await crm.findClient({ id: 1 });
try { await null; } catch (error) { sdk.log.warn(error.code); }
if (ctx.input.email === undefined) throw new NonRetryableError('no address');
return { client };`;
    expect(problems(source)).toEqual([]);
    expect(problems(source, { language: 'typescript' })).toEqual([]);
  });

  it('marks an unknown field of ctx, or of the event, also within a return statement', () => {
    expect(problems('return ctx.inptu;')).toEqual([
      expect.stringMatching(/^error at "inptu": Property 'inptu'/),
    ]);
    expect(problems('return ctx.input.emial;', { types: clients })).toEqual([
      expect.stringMatching(/^error at "emial": .*Did you mean 'email'\?$/),
    ]);
  });

  it('uses the fields of the new event types after others are chosen', () => {
    expect(problems('return ctx.input.amount;', { types: clients })).toHaveLength(1);
    expect(problems('return ctx.input.amount;', { types: all })).toEqual([]);
  });

  it('checks types in TypeScript, and requires no type annotations in JavaScript', () => {
    const source = 'function twice(n) { return n * 2; }\nreturn twice(1);';
    expect(problems(source)).toEqual([]);
    expect(problems(source, { language: 'typescript' })).toEqual([
      `error at "n": Parameter 'n' implicitly has an 'any' type.`,
    ]);
    expect(
      problems('const n: string = ctx.event.depth; return n;', { language: 'typescript', types: clients }),
    ).toEqual([`error at "n": Type 'number' is not assignable to type 'string'.`]);
  });

  it('marks enums, imports and the globals of browsers and Node.js, which a script can’t use', () => {
    expect(problems('enum Size { S }\nreturn Size.S;', { language: 'typescript' })).toEqual([
      expect.stringMatching(/^error at "Size": Only types that can be removed are allowed/),
    ]);
    expect(problems('import x from "y"; return x;')).toContainEqual(
      expect.stringMatching(/^error at "import": A script can’t import\./),
    );
    expect(problems('return document.title;')).toEqual([`error at "document": Cannot find name 'document'.`]);
    expect(problems('return process.env;')).toEqual([`error at "process": Cannot find name 'process'.`]);
  });

  it('marks a place within the source even if the fault shows only at its end', () => {
    for (const source of ['if (ctx.actor) {', 'return `open', 'return [1,', '}', '})', '/* open']) {
      const found = ask('problems', source);
      expect(found).not.toEqual([]);
      for (const { from, to } of found) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(source.length);
      }
    }
  });

  it('marks a variable that is never used', () => {
    expect(problems('const spare = 1;')).toEqual([
      `unused at "spare": 'spare' is declared but its value is never read.`,
    ]);
  });

  it('completes the fields of the event types that the script listens to', () => {
    expect(labels('return ctx.input.|', { types: clients })).toEqual(['clientId', 'email', 'name']);
    expect(labels('return ctx.input.em|')).toEqual(expect.arrayContaining(['email', 'amount']));
    expect(ask('completions', 'return ctx.input.em|')?.from).toBe('return ctx.input.'.length);
  });

  it('completes whole event types, dots included, in a text that is compared with the type', () => {
    const found = ask('completions', `if (ctx.event.type === 'client.cr|') return 1;`);
    expect(found?.options.map(({ label }) => label)).toEqual(['client.created', 'payment.created']);
    expect(found?.from).toBe(`if (ctx.event.type === '`.length);
  });

  it('completes bindings, with their signatures and descriptions', () => {
    expect(labels('await crm.|')).toEqual(['findClient']);
    project.write({ source: 'await crm.', language: 'javascript', types: all });
    expect(project.answer({ about: 'completion', at: 10, name: 'findClient' })).toEqual({
      signature: expect.stringContaining('findClient: (input?: any) => Promise<any>'),
      documentation: 'Finds a client.',
    });
  });

  it('lists names that the script declares before global names', () => {
    const options = ask('completions', 'const total = 1; return to|')!.options;
    const boost = (name: string): number => options.find(({ label }) => label === name)!.boost;
    expect(boost('total')).toBeGreaterThan(boost('Array'));
  });

  it('offers no globals of browsers or Node.js, and no words from texts in the script', () => {
    const offered = labels('const spare = "wording"; return |');
    for (const name of ['document', 'window', 'process', 'require', 'wording', 'script'])
      expect(offered).not.toContain(name);
  });

  it('inserts ?. before a field of a value that may be null', () => {
    const { options } = ask('completions', 'return ctx.actor.|')!;
    expect(options).toEqual([
      expect.objectContaining({ label: 'id', insert: '?.id', over: { from: 16, to: 17 } }),
    ]);
  });

  it('shows the meaning of a name and the parameters of a call', () => {
    expect(ask('meaning', 'return ctx.te|nant.id;')).toEqual({
      from: 11,
      to: 17,
      signature: expect.stringContaining('tenant'),
      documentation: 'The tenant that the event belongs to.',
    });
    expect(ask('meaning', 'return | 1;')).toBeNull();
    expect(ask('call', `events.publish('order.checked', |)`)).toMatchObject({
      before: 'publish(',
      parameters: ['type: "order.checked"', 'payload?: object | undefined'],
      active: 1,
    });
    expect(ask('call', 'return 1;|')).toBeNull();
  });
});
