import { Injectable } from '@nestjs/common';
import { MapDomainEvent, ScriptBinding } from '../../lib/index.js';
import { RecordedLog } from './support/recorded-log.js';
import { TestHost } from './support/test-host.js';

@Injectable()
class OrderEvents {
  @MapDomainEvent('order.shipped')
  toShipped({ id }: { id: number }) {
    return { tenantId: 'acme', payload: { id } };
  }
}

@Injectable()
class CrmBindings {
  @ScriptBinding('crm.find')
  find(): string {
    return 'found';
  }
}

const warned = (logger: RecordedLog): string[] =>
  logger.of('warn').filter((line) => line.includes('provides the class'));

// The order matters: once an application of this process has provided a class, there is no warning any more.
describe('a class with decorated methods', () => {
  it('causes a warning with its methods, types and bindings at the start of an application that does not provide it', async () => {
    const logger = new RecordedLog();
    await TestHost.start({ logger });
    expect(warned(logger)).toEqual([
      expect.stringContaining(
        '@MapDomainEvent OrderEvents.toShipped (order.shipped): no script gets these events.',
      ),
      expect.stringContaining("@ScriptBinding CrmBindings.find (crm.find): scripts can't call them."),
    ]);
  });

  it('causes no warning when the application provides it, and its events and bindings work', async () => {
    const logger = new RecordedLog();
    const host = await TestHost.start({ logger, providers: [OrderEvents, CrmBindings] });
    expect(warned(logger)).toEqual([]);
    const script = await host.script('return await crm.find();', {
      eventTypes: ['order.shipped'],
      bindings: ['crm.find'],
    });
    host.emit('order.shipped', { id: 7 });
    expect(await host.executed(1, script)).toMatchObject([{ status: 'completed', result: 'found' }]);
  });
});
