import { PrintableLogger } from '../common/printable-logger.js';
import type { HostEventEmitter } from '../events/host-event.emitter.js';
import { HOST_EVENTS } from '../events/host-events.js';
import {
  AlertChannel,
  alertText,
  type DeadLetterAlert,
  type ScriptAlert,
  scriptAlertText,
} from './alert.channel.js';

/** Writes one structured line: at level error, for a degraded script at level warn, for one that runs again at level log. */
export class LogAlertChannel extends AlertChannel {
  private readonly logger = new PrintableLogger('DeadLetterAlert');
  private readonly scriptLogger = new PrintableLogger('ScriptAlert');

  override get name(): string {
    return 'log';
  }

  async send(alert: DeadLetterAlert): Promise<void> {
    this.logger.error({ message: alertText(alert), ...alert });
  }

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    this.scriptLogger[LEVELS[alert.state]]({ message: scriptAlertText(alert), ...alert });
  }
}

const LEVELS = { degraded: 'warn', disabled: 'error', resumed: 'log' } as const;

/** Emits `script.dead_letter.exhausted`, `script.degraded` and so on, on the host's emitter. What a listener throws is the listener's matter. */
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
