import { Logger } from '@nestjs/common';
import type { DeadLetterAlert, ScriptAlert } from '../../../lib/alerts/alert.channel.js';
import { LogAlertChannel } from '../../../lib/alerts/channels/built-in-alert.channels.js';

describe('alerts in the log', () => {
  afterEach(() => jest.restoreAllMocks());

  const alertOf = (tenantId: string, at: number): DeadLetterAlert =>
    ({
      tenantId,
      scriptId: `script ${at}`,
      scriptName: `Script ${at}`,
      eventType: 'order.placed',
      retryCount: 0,
      errorKind: null,
      reason: 'loop',
      error: 'stopped',
      count: 1,
      eventCount: 1,
    }) as DeadLetterAlert;
  const scriptAlertOf = (tenantId: string, at: number): ScriptAlert =>
    ({
      tenantId,
      scriptId: `script ${at}`,
      scriptName: `Script ${at}`,
      state: 'disabled',
      by: null,
      reason: 'it fails',
    }) as ScriptAlert;

  it('are ten lines of a tenant and minute, and one with the number of those that followed', async () => {
    const lines: Record<string, unknown>[] = [];
    jest.spyOn(Logger.prototype, 'error').mockImplementation((line) => void lines.push(line));
    const channel = new LogAlertChannel();
    for (let at = 0; at < 300; at += 1) await channel.send(alertOf('evil', at));
    for (let at = 0; at < 300; at += 1) await channel.sendScriptAlert(scriptAlertOf('evil', at));
    await channel.send(alertOf('good', 7));
    expect(lines.map(({ tenantId }) => tenantId)).toEqual([...Array(20).fill('evil'), 'good']);
    expect(lines.at(-1)).toMatchObject({ scriptName: 'Script 7' });
    expect(lines.at(-1)).not.toHaveProperty('alerts');

    lines.length = 0;
    channel.tell();
    expect(lines).toMatchObject([
      {
        tenantId: 'evil',
        alerts: 290,
        scriptName: 'Script 299',
        message: expect.stringContaining('the last of 290 alerts'),
      },
      { tenantId: 'evil', alerts: 290, state: 'disabled' },
    ]);
    channel.tell();
    expect(lines).toHaveLength(2);
  });
});
