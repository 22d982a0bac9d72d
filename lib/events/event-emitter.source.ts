import { Injectable } from '@nestjs/common';
import type { EventEmitter2 } from '@nestjs/event-emitter';
import { PrintableLogger } from '../common/printable-logger.js';
import { EventCapture } from './event-capture.js';
import { EventRegistry } from './event-registry.js';

type Listener = (event: unknown) => void;

/** Milliseconds between two checks whether the listeners are still there. */
const WATCH_MS = 1_000;

/** Methods of an emitter that remove listeners. */
const REMOVERS = ['off', 'removeListener', 'removeAllListeners'] as const;

const LOST =
  'Listeners of this package were removed from the EventEmitter2, bypassing its methods off, removeListener and ' +
  'removeAllListeners. They are attached again; events emitted in between were not captured. Types:';

/**
 * Listens on the host's `EventEmitter2` to each type of the catalogue and of the host.
 *
 * ```
 * created ── open() ──► open ── close() ──► closed
 *                        captures            its listeners are gone
 * ```
 *
 * Its listeners are called before those of the host, because a listener that throws ends the `emit()`. They read the
 * event, change nothing and catch everything, so the host's listeners see what they would see without them.
 *
 * If the host removes these listeners while the source is open (with `removeAllListeners()`, or with `off()` and what
 * `listeners()` returned), they are back before that call returns, so no event is missed. A removal in another way is
 * noticed within a second, and logged.
 */
@Injectable()
export class EventEmitterSource {
  private readonly logger = new PrintableLogger(EventEmitterSource.name);
  private readonly own = new Map<string, Listener>();
  private readonly ownListeners = new Set<unknown>();
  private state: 'created' | 'open' | 'closed' = 'created';
  private watch: NodeJS.Timeout | undefined;
  private lostAt: number | null = null;
  private stopKeeping: (() => void)[] = [];

  constructor(
    private readonly emitter: EventEmitter2,
    private readonly registry: EventRegistry,
    private readonly capture: EventCapture,
  ) {}

  /** Milliseconds since the listeners were last found missing; null if they never were. */
  get sinceLossMs(): number | null {
    return this.lostAt === null ? null : Math.round(performance.now() - this.lostAt);
  }

  /** Starts to capture events. Called once, when everything behind it is ready. */
  open(): void {
    if (this.state !== 'created') return;
    this.state = 'open';
    for (const type of this.registry.types()) {
      const listener: Listener = (event) => void this.capture.capture(type, event);
      this.own.set(type, listener);
      this.ownListeners.add(listener);
      this.emitter.prependListener(type, listener);
    }
    this.stopKeeping = REMOVERS.map((remover) => this.keepThrough(remover));
    this.watch = setInterval(() => this.tellLoss(), WATCH_MS).unref();
  }

  /** Captures no more events. A second call does nothing. */
  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    clearInterval(this.watch);
    for (const stop of this.stopKeeping) stop();
    for (const [type, listener] of this.own) this.emitter.off(type, listener);
    this.own.clear();
    this.ownListeners.clear();
    this.logger.log('Event capture stopped.');
  }

  /** Puts our listeners back whenever `remover` is called. Returns a function that ends this. */
  private keepThrough(remover: (typeof REMOVERS)[number]): () => void {
    const { emitter } = this;
    const before = Object.getOwnPropertyDescriptor(emitter, remover);
    const remove = emitter[remover] as (...what: unknown[]) => unknown;
    const keeping = (...what: unknown[]): unknown => {
      const answer = remove.apply(emitter, what);
      // Every `once` listener is removed through here after its event, so this must cost next to nothing.
      if (remover === 'removeAllListeners' || this.ownListeners.has(what[1])) this.attachMissing();
      return answer;
    };
    Object.defineProperty(emitter, remover, { value: keeping, configurable: true, writable: true });
    return () => {
      // Another application in this process may have replaced the method since. Then ours stays and does nothing.
      if (emitter[remover] !== keeping) return;
      if (before) Object.defineProperty(emitter, remover, before);
      else Reflect.deleteProperty(emitter, remover);
    };
  }

  private tellLoss(): void {
    const types = this.attachMissing();
    if (types.length === 0) return;
    this.lostAt = performance.now();
    this.logger.warn(`${LOST} ${types.join(', ')}.`);
  }

  /** Returns the types whose listeners were missing. */
  private attachMissing(): string[] {
    const missing = [...this.own].filter(
      ([type, listener]) => !this.emitter.listeners(type).includes(listener),
    );
    for (const [type, listener] of missing) this.emitter.prependListener(type, listener);
    return missing.map(([type]) => type);
  }
}
