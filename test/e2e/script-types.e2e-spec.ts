import { Injectable } from '@nestjs/common';
import { IsInt } from 'class-validator';
import { type BindingContext, ScriptBinding, ScriptTypes } from '../../lib/index.js';
import { problemsOf } from '../unit/typings/compile-scripts.js';
import { TestHost } from './support/test-host.js';

class FindOrder {
  @IsInt()
  orderId!: number;
}

@Injectable()
class OrderBindings {
  @ScriptBinding('orders.find', { input: FindOrder, description: 'An order by its number.' })
  async find({ orderId }: FindOrder, _context: BindingContext): Promise<{ orderId: number }> {
    return { orderId };
  }
}

describe('the type declarations of a running application', () => {
  let types: string;

  beforeAll(async () => {
    const host = await TestHost.start({
      providers: [OrderBindings],
      options: { events: { types: { 'order.shipped': { fields: ['orderId', 'carrier'] } } } },
    });
    types = host.get(ScriptTypes).generate();
  });

  it('accept a script that uses its event types and bindings correctly', () => {
    const script = `
      if (ctx.event?.type !== 'order.shipped') return null;
      const order = await orders.find({ orderId: 7 });
      sdk.log.info('shipped', { order, carrier: ctx.input.carrier });
      events.publish('order.seen', { orderId: 7 });`;
    expect(problemsOf(types, script)).toEqual([]);
  });

  it.each([
    ['a binding that is not declared', 'await orders.cancel({ orderId: 7 });', /cancel/],
    ['an input of the wrong type', "await orders.find({ orderId: 'seven' });", /not assignable/],
    ['a field that no event has', 'return ctx.input.carier;', /carier/],
    ['a function that the sandbox does not have', 'setTimeout(() => 1, 10);', /setTimeout/],
  ])('report %s, with its line', (_what, script, problem) => {
    const [first] = problemsOf(types, `const line1 = 1;\n${script}`);
    expect(first).toMatch(/^2: /);
    expect(first).toMatch(problem);
  });
});
