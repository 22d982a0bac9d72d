import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { PrintableLogger } from '../common/printable-logger.js';
import { SystemClock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { inOwnContext } from '../common/own-context.js';
import { ThrottledLog } from '../common/throttled-log.js';
import type { HostEventPayloads } from './host-events.js';

/** Emits events for the host on its own emitter. */
@Injectable()
export class HostEventEmitter implements OnApplicationShutdown {
  private readonly log = new ThrottledLog(new PrintableLogger(HostEventEmitter.name), new SystemClock());

  constructor(private readonly emitter: EventEmitter2) {}

  /** Emits one event, outside any async context. Never throws: if a listener of the host throws, that is logged. */
  emit<Name extends keyof HostEventPayloads>(name: Name, payload: HostEventPayloads[Name]): void {
    try {
      inOwnContext(() => this.emitter.emit(name, payload));
    } catch (error) {
      const { id, eventId = id, scriptName: _, ...about }: LogSubject & { id?: string } = payload;
      this.log.error(
        name,
        lineAbout({ ...about, eventId }, () => `A listener of ${name} threw: ${messageOf(error)}`),
      );
    }
  }

  onApplicationShutdown(): void {
    this.log.tell();
  }
}
