import { PrintableLogger } from '../../common/printable-logger.js';
import { lineAbout, type SubjectLine } from '../../common/log-line.js';
import { PLAIN } from '../../common/script-in-words.js';
import { TenantTally } from '../../common/tenant-tally.js';
import type { HostEventEmitter } from '../../events/host-event.emitter.js';
import { HOST_EVENTS } from '../../events/host-events.js';
import {
  AlertChannel,
  alertText,
  type DeadLetterAlert,
  type ScriptAlert,
  scriptAlertText,
} from '../alert.channel.js';

/** How many alerts of one tenant get a log line of their own in each minute. */
const ALERTS_ALONE = 10;

/**
 * Logs each alert as one structured line: at level error, for a degraded script at level warn, for a resumed one at
 * level log. The first ten of a tenant in each minute get lines of their own, further ones share a line with their
 * number, because one event can exhaust a dead letter for each of hundreds of scripts.
 */
export class LogAlertChannel extends AlertChannel {
  private readonly logger = new PrintableLogger('DeadLetterAlert');
  private readonly scriptLogger = new PrintableLogger('ScriptAlert');

  override get name(): string {
    return 'log';
  }

  private readonly alerts = new TenantTally<DeadLetterAlert>((_tenantId, alerts, alert) => {
    this.logger.error(alertLine(alert, alerts, (named) => alertText(alert, PLAIN, named)));
  }, ALERTS_ALONE);
  private readonly scriptAlerts = new TenantTally<ScriptAlert>((_tenantId, alerts, alert) => {
    const line = alertLine(alert, alerts, (named) => scriptAlertText(alert, PLAIN, named));
    this.scriptLogger[LEVELS[alert.state]](line);
  }, ALERTS_ALONE);

  async send(alert: DeadLetterAlert): Promise<void> {
    this.alerts.add(alert.tenantId, alert);
  }

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    this.scriptAlerts.add(alert.tenantId, alert);
  }

  /** Logs the number of alerts that have no line of their own. */
  tell(): void {
    this.alerts.tell();
    this.scriptAlerts.tell();
  }
}

type Ids = Pick<DeadLetterAlert, 'tenantId' | 'scriptId' | 'scriptName' | 'scriptVersion'> &
  Partial<Pick<DeadLetterAlert, 'eventId' | 'deadLetterId'>>;

function alertLine(
  alert: DeadLetterAlert | ScriptAlert,
  alerts: number,
  textOf: (named: string) => string,
): SubjectLine {
  const { tenantId, scriptId, scriptName, scriptVersion, eventId, deadLetterId, ...details }: Ids & object =
    alert;
  const about = { tenantId, scriptId, scriptName, scriptVersion, eventId, deadLetterId };
  const more = alerts === 1 ? '' : ` (the last of ${alerts} alerts of this tenant since the previous line)`;
  return lineAbout(
    about,
    ({ script, ofTenant }) => `${textOf(`${script}${ofTenant}`)}${more}`,
    alerts === 1 ? details : { ...details, alerts },
  );
}

const LEVELS = { degraded: 'warn', disabled: 'error', resumed: 'log' } as const;

/**
 * Emits `script.dead_letter.exhausted`, `script.degraded` and so on, on the host's emitter. A listener that throws
 * doesn't make the alert fail.
 */
export class EmitterAlertChannel extends AlertChannel {
  constructor(private readonly emitter: HostEventEmitter) {
    super();
  }

  override get name(): string {
    return 'emitter';
  }

  async send(alert: DeadLetterAlert): Promise<void> {
    this.emitter.emit(HOST_EVENTS.deadLetterExhausted, alert);
  }

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    this.emitter.emit(`script.${alert.state}`, alert);
  }
}
