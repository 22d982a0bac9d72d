/** An id of the host's own: text or a number, stored unchanged. */
export type EventEntityId = string | number;

/**
 * An amount of money in the major unit of its currency: 10000.5 is ten thousand euros and fifty cents. A number, or
 * decimal text such as `"10000.50"`, which keeps every digit; filters compare it by value.
 */
export type EventAmount = number | string;

/** `user.created`, `user.updated`, `user.deleted`. @publicApi */
export interface UserPayload {
  userId: EventEntityId;
  email: string;
  firstName: string;
  lastName: string;
}

/** `session.created`, `session.expired`. @publicApi */
export interface SessionPayload {
  /**
   * The id of the session's record. Never the bearer token: scripts and stored rows would then hold keys to accounts.
   */
  sessionId: EventEntityId;
  userId: EventEntityId;
}

/** `client.created`, `client.updated`, `client.deleted`. @publicApi */
export interface ClientPayload {
  clientId: EventEntityId;
  name: string;
  email: string;
}

/** `chat.message_received`, `chat.message_sent`. @publicApi */
export interface ChatMessagePayload {
  chatId: EventEntityId;
  messageId: EventEntityId;
  content: string;
}

/** `payment.created`, `payment.completed`. @publicApi */
export interface PaymentPayload {
  paymentId: EventEntityId;
  /** In major units of `currency`. */
  amount: EventAmount;
  /** ISO 4217 code, `EUR`. */
  currency: string;
}

/** `transaction.completed`. @publicApi */
export interface TransactionPayload {
  transactionId: EventEntityId;
  /** In major units of the account's currency. */
  amount: EventAmount;
  /** The host's word for how the transaction ended. */
  status: string;
}

/** `expense.created`. @publicApi */
export interface ExpensePayload {
  expenseId: EventEntityId;
  /** In major units of the account's currency. */
  amount: EventAmount;
  category: string;
}

/** `debt.created`. @publicApi */
export interface DebtPayload {
  debtId: EventEntityId;
  /** In major units of `currency`. */
  amount: EventAmount;
  /** ISO 4217 code, `EUR`. */
  currency: string;
  /** `receivable`: others owe the tenant; `payable`: the tenant owes. */
  type: 'receivable' | 'payable';
}

/** The payload of each type of the catalogue. @publicApi */
export interface CataloguePayloads {
  'user.created': UserPayload;
  'user.updated': UserPayload;
  'user.deleted': UserPayload;
  'session.created': SessionPayload;
  'session.expired': SessionPayload;
  'client.created': ClientPayload;
  'client.updated': ClientPayload;
  'client.deleted': ClientPayload;
  'chat.message_received': ChatMessagePayload;
  'chat.message_sent': ChatMessagePayload;
  'payment.created': PaymentPayload;
  'payment.completed': PaymentPayload;
  'transaction.completed': TransactionPayload;
  'expense.created': ExpensePayload;
  'debt.created': DebtPayload;
}

/**
 * The payload of each event type that TypeScript knows: those of the catalogue, and those that the host adds.
 * TypeScript checks `@MapDomainEvent`, `publish`, `ScriptsDomainEvent` and `events.types` against it, and editors
 * suggest the names:
 *
 * ```ts
 * declare module 'nestjs-scripts-event' {
 *   interface DomainEventPayloads {
 *     'order.shipped': { orderId: string; carrier: string };
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export interface DomainEventPayloads extends CataloguePayloads {}

/** The name of an event type: a known one, which editors suggest, or any other text. @publicApi */
export type EventTypeName = keyof DomainEventPayloads | (string & {});

/** The payload of a type: any object, unless {@link DomainEventPayloads} has it. @publicApi */
export type PayloadOf<Type extends string> = Type extends keyof DomainEventPayloads
  ? DomainEventPayloads[Type]
  : object;
