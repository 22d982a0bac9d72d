import { Inject, Injectable } from '@nestjs/common';
import { AlertChannel, type DeadLetterAlert } from '../../lib/index.js';
import { waitFor } from '../support/wait-for.js';
import { ADA, TestHost } from './support/test-host.js';

describe('an alert channel of the host', () => {
  it('may be a class that is a provider of the host, with its own dependencies', async () => {
    const told: [string, DeadLetterAlert][] = [];
    @Injectable()
    class PagerChannel extends AlertChannel {
      constructor(@Inject('pager') private readonly pager: string) {
        super();
      }

      async send(alert: DeadLetterAlert): Promise<void> {
        told.push([this.pager, alert]);
      }
    }
    const host = await TestHost.start({
      options: { alerts: { channel: PagerChannel } },
      providers: [PagerChannel, { provide: 'pager', useValue: 'night shift' }],
    });
    const scriptId = await host.script(`throw new NonRetryableError('no such client');`);
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    await waitFor('the alert', () => told.length > 0);
    expect(told).toEqual([
      ['night shift', expect.objectContaining({ tenantId: 'acme', scriptId, error: 'no such client' })],
    ]);
  });
});
