import type { SCHEDULE_FIELDS } from '../events/schedule-input.js';
import type { CatalogueEventType } from '../events/event-types.js';
import type { CataloguePayloads } from '../common/event-payloads.js';

/** A field of a payload, as script authors see it. */
export interface TypedField {
  /** TypeScript. */
  type: string;
  doc?: string;
}

type FieldsOf<Type extends CatalogueEventType> = Readonly<Record<keyof CataloguePayloads[Type], TypedField>>;

const ID = { type: 'EntityId' };
const TEXT = { type: 'string' };
const CURRENCY = { type: 'string', doc: 'ISO 4217 code, `EUR`.' };
const AMOUNT = { type: 'Amount', doc: 'In major units of `currency`.' };
const ACCOUNT_AMOUNT = { type: 'Amount', doc: "In major units of the account's currency." };

const USER: FieldsOf<'user.created'> = { userId: ID, email: TEXT, firstName: TEXT, lastName: TEXT };
const SESSION: FieldsOf<'session.created'> = { sessionId: ID, userId: ID };
const CLIENT: FieldsOf<'client.created'> = { clientId: ID, name: TEXT, email: TEXT };
const CHAT_MESSAGE: FieldsOf<'chat.message_sent'> = { chatId: ID, messageId: ID, content: TEXT };
const PAYMENT: FieldsOf<'payment.created'> = { paymentId: ID, amount: AMOUNT, currency: CURRENCY };

/** The payloads of the catalogue as text. A test compares them with the types that hosts emit. */
const CATALOGUE_FIELDS: { readonly [Type in CatalogueEventType]: FieldsOf<Type> } = {
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
  'transaction.completed': {
    transactionId: ID,
    amount: ACCOUNT_AMOUNT,
    status: { type: 'string', doc: "The product's own word for how it ended." },
  },
  'expense.created': { expenseId: ID, amount: ACCOUNT_AMOUNT, category: TEXT },
  'debt.created': {
    debtId: ID,
    amount: AMOUNT,
    currency: CURRENCY,
    type: { type: "'receivable' | 'payable'", doc: '`receivable`: others owe; `payable`: we owe.' },
  },
};

const SCHEDULE: Readonly<Record<(typeof SCHEDULE_FIELDS)[number], TypedField>> = {
  scheduledFor: { type: 'string', doc: 'The time that the run is for: ISO 8601 in UTC.' },
  previousRunAt: { type: 'string | null', doc: 'The time that the run before was for; null for the first.' },
  payload: { type: 'any', doc: "The schedule's own payload." },
};

/** Every payload whose fields have types. */
export const TYPED_FIELDS = { ...CATALOGUE_FIELDS, schedule: SCHEDULE };
