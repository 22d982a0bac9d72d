import type { CataloguePayloads } from '../common/event-payloads.js';

/**
 * The catalogue: the event types that the package listens to without any setting. docs/events.md lists their fields.
 *
 * @publicApi
 */
export const EVENT_TYPES = {
  userCreated: 'user.created',
  userUpdated: 'user.updated',
  userDeleted: 'user.deleted',
  sessionCreated: 'session.created',
  sessionExpired: 'session.expired',
  clientCreated: 'client.created',
  clientUpdated: 'client.updated',
  clientDeleted: 'client.deleted',
  chatMessageReceived: 'chat.message_received',
  chatMessageSent: 'chat.message_sent',
  paymentCreated: 'payment.created',
  paymentCompleted: 'payment.completed',
  transactionCompleted: 'transaction.completed',
  expenseCreated: 'expense.created',
  debtCreated: 'debt.created',
} as const satisfies Record<string, keyof CataloguePayloads>;

/** A type of the catalogue. @publicApi */
export type CatalogueEventType = keyof CataloguePayloads;

const USER = ['userId', 'email', 'firstName', 'lastName'] as const;
const SESSION = ['sessionId', 'userId'] as const;
const CLIENT = ['clientId', 'name', 'email'] as const;
const CHAT_MESSAGE = ['chatId', 'messageId', 'content'] as const;
const PAYMENT = ['paymentId', 'amount', 'currency'] as const;

/** The fields of each payload. Other fields of an emitted object are ignored. */
export const PAYLOAD_FIELDS: {
  readonly [Type in CatalogueEventType]: readonly (keyof CataloguePayloads[Type])[];
} = {
  'user.created': USER,
  'user.updated': USER,
  'user.deleted': USER,
  'session.created': SESSION,
  'session.expired': SESSION,
  'client.created': CLIENT,
  'client.updated': CLIENT,
  'client.deleted': CLIENT,
  'chat.message_received': CHAT_MESSAGE,
  'chat.message_sent': CHAT_MESSAGE,
  'payment.created': PAYMENT,
  'payment.completed': PAYMENT,
  'transaction.completed': ['transactionId', 'amount', 'status'],
  'expense.created': ['expenseId', 'amount', 'category'],
  'debt.created': ['debtId', 'amount', 'currency', 'type'],
};
