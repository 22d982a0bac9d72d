import { Injectable } from '@nestjs/common';
import { EventEmitter2, OnEvent } from '@nestjs/event-emitter';
import { PrintableLogger } from '../common/printable-logger.js';
import { EventCapture } from './event-capture.js';
import { EventRegistry } from './event-registry.js';
import { EventSource } from './event-source.js';
import { EVENT_TYPES } from './event-types.js';

type Listener = (event: unknown) => void;

/**
 * Listens on the host's `EventEmitter2`: one `@OnEvent` method for each type of the catalogue, which Nest attaches, and
 * listeners of its own for the host's types.
 *
 * ```
 * created ── open() ──► open ── close() ──► closed
 *   ignores events       captures            ignores events; its own listeners are gone
 * ```
 *
 * Its listeners are added behind those that are there, and catch everything: what the host's listeners see, and in which
 * order, is as without them.
 */
@Injectable()
export class EventEmitterSource extends EventSource {
  private readonly logger = new PrintableLogger(EventEmitterSource.name);
  private readonly own = new Map<string, Listener>();
  private state: 'created' | 'open' | 'closed' = 'created';

  constructor(
    private readonly emitter: EventEmitter2,
    private readonly registry: EventRegistry,
    private readonly capture: EventCapture,
  ) {
    super();
  }

  override open(): void {
    if (this.state !== 'created') return;
    this.state = 'open';
    for (const type of this.registry.hostTypes()) {
      const listener: Listener = (event) => this.take(type, event);
      this.emitter.on(type, listener);
      this.own.set(type, listener);
    }
  }

  override close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    for (const [type, listener] of this.own) this.emitter.off(type, listener);
    this.own.clear();
    this.logger.log('No more events are taken in.');
  }

  @OnEvent(EVENT_TYPES.userCreated)
  onUserCreated(event: unknown): void {
    this.take(EVENT_TYPES.userCreated, event);
  }

  @OnEvent(EVENT_TYPES.userUpdated)
  onUserUpdated(event: unknown): void {
    this.take(EVENT_TYPES.userUpdated, event);
  }

  @OnEvent(EVENT_TYPES.userDeleted)
  onUserDeleted(event: unknown): void {
    this.take(EVENT_TYPES.userDeleted, event);
  }

  @OnEvent(EVENT_TYPES.sessionCreated)
  onSessionCreated(event: unknown): void {
    this.take(EVENT_TYPES.sessionCreated, event);
  }

  @OnEvent(EVENT_TYPES.sessionExpired)
  onSessionExpired(event: unknown): void {
    this.take(EVENT_TYPES.sessionExpired, event);
  }

  @OnEvent(EVENT_TYPES.clientCreated)
  onClientCreated(event: unknown): void {
    this.take(EVENT_TYPES.clientCreated, event);
  }

  @OnEvent(EVENT_TYPES.clientUpdated)
  onClientUpdated(event: unknown): void {
    this.take(EVENT_TYPES.clientUpdated, event);
  }

  @OnEvent(EVENT_TYPES.clientDeleted)
  onClientDeleted(event: unknown): void {
    this.take(EVENT_TYPES.clientDeleted, event);
  }

  @OnEvent(EVENT_TYPES.chatMessageReceived)
  onChatMessageReceived(event: unknown): void {
    this.take(EVENT_TYPES.chatMessageReceived, event);
  }

  @OnEvent(EVENT_TYPES.chatMessageSent)
  onChatMessageSent(event: unknown): void {
    this.take(EVENT_TYPES.chatMessageSent, event);
  }

  @OnEvent(EVENT_TYPES.paymentCreated)
  onPaymentCreated(event: unknown): void {
    this.take(EVENT_TYPES.paymentCreated, event);
  }

  @OnEvent(EVENT_TYPES.paymentCompleted)
  onPaymentCompleted(event: unknown): void {
    this.take(EVENT_TYPES.paymentCompleted, event);
  }

  @OnEvent(EVENT_TYPES.transactionCompleted)
  onTransactionCompleted(event: unknown): void {
    this.take(EVENT_TYPES.transactionCompleted, event);
  }

  @OnEvent(EVENT_TYPES.expenseCreated)
  onExpenseCreated(event: unknown): void {
    this.take(EVENT_TYPES.expenseCreated, event);
  }

  @OnEvent(EVENT_TYPES.debtCreated)
  onDebtCreated(event: unknown): void {
    this.take(EVENT_TYPES.debtCreated, event);
  }

  private take(type: string, event: unknown): void {
    if (this.state === 'open') this.capture.capture(type, event);
  }
}
