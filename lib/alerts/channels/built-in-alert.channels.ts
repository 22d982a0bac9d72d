import { PrintableLogger } from '../../common/printable-logger.js';
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
 * number: if hundreds of scripts give up on one event, that is one alert for each.
 */
export class LogAlertChannel extends AlertChannel {
  private readonly logger = new PrintableLogger('DeadLetterAlert');
  private readonly scriptLogger = new PrintableLogger('ScriptAlert');

  override get name(): string {
    return 'log';
  }

  private readonly alerts = new TenantTally<DeadLetterAlert>((_tenantId, alerts, alert) => {
    this.logger.error({ message: lineOf(alertText(alert), alerts), ...alert, ...(alerts > 1 && { alerts }) });
  }, ALERTS_ALONE);
  private readonly scriptAlerts = new TenantTally<ScriptAlert>((_tenantId, alerts, alert) => {
    const message = lineOf(scriptAlertText(alert), alerts);
    this.scriptLogger[LEVELS[alert.state]]({ message, ...alert, ...(alerts > 1 && { alerts }) });
  }, ALERTS_ALONE);

  async send(alert: DeadLetterAlert): Promise<void> {
    this.alerts.add(alert.tenantId, alert);
  }

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    this.scriptAlerts.add(alert.tenantId, alert);
  }

  /** Logs what has only been counted. */
  tell(): void {
    this.alerts.tell();
    this.scriptAlerts.tell();
  }
}

const lineOf = (text: string, alerts: number): string =>
  alerts === 1 ? text : `${text} (the last of ${alerts} alerts of this tenant since the previous line)`;

const LEVELS = { degraded: 'warn', disabled: 'error', resumed: 'log' } as const;

/**
 * Emits `script.dead_letter.exhausted`, `script.degraded` and so on, on the host's emitter. An error of a listener is
 * the listener's problem.
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
