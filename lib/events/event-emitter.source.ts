import { Injectable } from '@nestjs/common';
import type { EventEmitter2 } from '@nestjs/event-emitter';
import { PrintableLogger } from '../common/printable-logger.js';
import { EventCapture } from './event-capture.js';
import { EventRegistry } from './event-registry.js';
import { EventSource } from './event-source.js';

type Listener = (event: unknown) => void;

/** Milliseconds between two looks whether the listeners are there. */
const WATCH_MS = 1_000;

const LOST =
  'Somebody has removed listeners of this package from the EventEmitter2 (removeAllListeners?). They are attached again; ' +
  'events that were emitted meanwhile are not captured. Types:';

/**
 * Listens on the host's `EventEmitter2`, for each type of the catalogue and of the host.
 *
 * ```
 * created ── open() ──► open ── close() ──► closed
 *                        captures            its listeners are gone
 * ```
 *
 * Its listeners stand before those of the host, since one that throws ends the `emit()`; they read the event, change
 * nothing and catch everything, so that the host's listeners see what they would see without them.
 */
@Injectable()
export class EventEmitterSource extends EventSource {
  private readonly logger = new PrintableLogger(EventEmitterSource.name);
  private readonly own = new Map<string, Listener>();
  private state: 'created' | 'open' | 'closed' = 'created';
  private watch: NodeJS.Timeout | undefined;
  private lostAt: number | null = null;

  constructor(
    private readonly emitter: EventEmitter2,
    private readonly registry: EventRegistry,
    private readonly capture: EventCapture,
  ) {
    super();
  }

  override get sinceLossMs(): number | null {
    return this.lostAt === null ? null : Math.round(performance.now() - this.lostAt);
  }

  override open(): void {
    if (this.state !== 'created') return;
    this.state = 'open';
    for (const type of this.registry.types()) {
      const listener: Listener = (event) => void this.capture.capture(type, event);
      this.own.set(type, listener);
      this.emitter.prependListener(type, listener);
    }
    this.watch = setInterval(() => this.attachMissing(), WATCH_MS).unref();
  }

  override close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    clearInterval(this.watch);
    for (const [type, listener] of this.own) this.emitter.off(type, listener);
    this.own.clear();
    this.logger.log('No more events are taken in.');
  }

  private attachMissing(): void {
    const missing = [...this.own].filter(
      ([type, listener]) => !this.emitter.listeners(type).includes(listener),
    );
    if (missing.length === 0) return;
    this.lostAt = performance.now();
    for (const [type, listener] of missing) this.emitter.prependListener(type, listener);
    this.logger.warn(`${LOST} ${missing.map(([type]) => type).join(', ')}.`);
  }
}
