import { ConsoleLogger, Logger } from '@nestjs/common';
import type { DeadLetterAlert, ScriptAlert } from '../../../lib/alerts/alert.channel.js';
import { LogAlertChannel } from '../../../lib/alerts/channels/built-in-alert.channels.js';

const TENANT = 'scripts_event.tenant.id';
const SCRIPT = 'scripts_event.script.id';
const DEAD_LETTER = 'scripts_event.dead_letter.id';
const DETAILS = 'scripts_event.details';

describe('alerts in the log', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    Logger.overrideLogger(['error', 'warn', 'log']);
  });

  const alertOf = (tenantId: string, at: number): DeadLetterAlert =>
    ({
      deadLetterId: `letter ${at}`,
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

  it('are at most ten lines of each kind for a tenant and minute, and one with the number of the others', async () => {
    const lines: { message: string; params: Record<string, unknown> }[] = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((line) => {
      const { message, params } = JSON.parse(String(line));
      // Nest 11 has the fields beside the text.
      lines.push(params ? { message, params } : { message: message.message, params: message });
      return true;
    });
    Logger.overrideLogger(new ConsoleLogger({ json: true }));
    const channel = new LogAlertChannel();
    for (let at = 0; at < 300; at += 1) await channel.send(alertOf('evil', at));
    for (let at = 0; at < 300; at += 1) await channel.sendScriptAlert(scriptAlertOf('evil', at));
    await channel.send(alertOf('good', 7));
    expect(lines.map(({ params }) => params[TENANT])).toEqual([...Array(20).fill('evil'), 'good']);
    expect(lines.at(-1)).toMatchObject({
      message: 'Script "Script 7" gave up on order.placed without a retry: loop: stopped',
      params: { [SCRIPT]: 'script 7', [DEAD_LETTER]: 'letter 7' },
    });
    expect(lines.at(-1)?.params[DETAILS]).toEqual({
      eventType: 'order.placed',
      retryCount: 0,
      errorKind: null,
      reason: 'loop',
      error: 'stopped',
      count: 1,
      eventCount: 1,
    });

    lines.length = 0;
    channel.tell();
    expect(lines).toMatchObject([
      {
        message: expect.stringMatching(/"Script 299" .*the last of 290 alerts/),
        params: { [TENANT]: 'evil', [DETAILS]: { alerts: 290 } },
      },
      { params: { [TENANT]: 'evil', [DETAILS]: { alerts: 290, state: 'disabled' } } },
    ]);
    channel.tell();
    expect(lines).toHaveLength(2);
  });
});
