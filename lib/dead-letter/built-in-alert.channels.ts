import { Logger } from '@nestjs/common';
import type { HostEventEmitter } from '../events/host-event.emitter.js';
import { HOST_EVENTS } from '../events/host-events.js';
import { AlertChannel, alertText, type DeadLetterAlert } from './alert.channel.js';

/** Writes one structured line at level error. */
export class LogAlertChannel extends AlertChannel {
  private readonly logger = new Logger('DeadLetterAlert');

  override get name(): string {
    return 'log';
  }

  async send(alert: DeadLetterAlert): Promise<void> {
    this.logger.error({ message: alertText(alert), ...alert });
  }
}

/** Emits `script.dead_letter.exhausted` on the host's emitter. What a listener throws is the listener's matter. */
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
}
