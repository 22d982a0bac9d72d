import type { EventEmitter2 } from '@nestjs/event-emitter';
import {
  EVENT_TYPES,
  HOST_EVENTS,
  type ScriptDeadLetterExhausted,
  type ScriptEvent,
} from 'nestjs-scripts-event';
import { REPORT_REQUESTED } from '../finance/reports/reports.controller.js';

/** An event as the app's services emitted it. */
export interface EmittedEvent {
  type: string;
  tenantId: string;
  payload: Record<string, unknown>;
}

const TYPES: readonly string[] = [...Object.values(EVENT_TYPES), REPORT_REQUESTED];

/** Records, independently of the package, what was emitted, what scripts published, and which alerts the host got. */
export class EventObserver {
  readonly emitted: EmittedEvent[] = [];
  readonly published: ScriptEvent[] = [];
  readonly alerts: ScriptDeadLetterExhausted[] = [];

  constructor(emitter: EventEmitter2) {
    for (const type of TYPES) {
      emitter.on(type, ({ tenantId, ...payload }: Record<string, unknown>) =>
        this.emitted.push({ type, tenantId: String(tenantId), payload }),
      );
    }
    emitter.on(HOST_EVENTS.scriptEvent, (event: ScriptEvent) => this.published.push(event));
    emitter.on(HOST_EVENTS.deadLetterExhausted, (alert: ScriptDeadLetterExhausted) =>
      this.alerts.push(alert),
    );
  }

  /** What the execution published. */
  publishedBy(executionId: string): ScriptEvent[] {
    return this.published.filter((event) => event.executionId === executionId);
  }
}
