import type { Method } from './tenant-api.js';

/** One request to the back office, and the events that its services emit for it. */
export interface Step {
  method: Method;
  /** `{name}` stands for the id that an earlier step has saved under this name. */
  path: string;
  body?: Record<string, string | number>;
  /** Name under which the id of the response is saved. */
  saveAs?: string;
  /** A field that a script's event changes in the host, and that can be read afterwards. */
  leaves?: { path: string; field: string; value: boolean };
  emits: readonly string[];
}

/** A day of the tenant acme: each of the fifteen event types at least once. */
export const STEPS: readonly Step[] = [
  {
    method: 'POST',
    path: '/users',
    body: { email: 'ada@acme.com', firstName: 'Ada', lastName: 'Lovelace', password: 'analytical engine' },
    saveAs: 'ada',
    emits: ['user.created'],
  },
  { method: 'PATCH', path: '/users/{ada}', body: { lastName: 'King' }, emits: ['user.updated'] },
  {
    method: 'POST',
    path: '/sessions',
    body: { email: 'ada@acme.com', password: 'analytical engine' },
    saveAs: 'session',
    emits: ['session.created'],
  },
  { method: 'POST', path: '/sessions/{session}/expire', emits: ['session.expired'] },
  {
    method: 'POST',
    path: '/clients',
    body: { name: 'Corner Shop', email: 'hello@corner-shop.com' },
    saveAs: 'shop',
    emits: ['client.created'],
  },
  {
    method: 'POST',
    path: '/clients',
    body: { name: 'Important & Partners', email: 'important@client.com' },
    saveAs: 'important',
    leaves: { path: '/clients/{important}', field: 'vip', value: true },
    emits: ['client.created'],
  },
  { method: 'PATCH', path: '/clients/{shop}', body: { name: 'CORNER SHOP' }, emits: ['client.updated'] },
  { method: 'POST', path: '/chats', body: { clientId: '{shop}' }, saveAs: 'chat', emits: [] },
  {
    method: 'POST',
    path: '/chats/{chat}/messages',
    body: { author: 'client', content: 'URGENT: where is my parcel?' },
    emits: ['chat.message_received'],
  },
  {
    method: 'POST',
    path: '/chats/{chat}/messages',
    body: { author: 'operator', content: 'It arrives today, or we refund the delivery. I promise.' },
    emits: ['chat.message_sent'],
  },
  {
    method: 'POST',
    path: '/payments',
    body: { amount: 250, currency: 'EUR' },
    emits: ['payment.created'],
  },
  {
    method: 'POST',
    path: '/payments',
    body: { amount: 12500.5, currency: 'EUR' },
    saveAs: 'payment',
    emits: ['payment.created'],
  },
  {
    method: 'POST',
    path: '/payments/{payment}/complete',
    emits: ['payment.completed', 'transaction.completed'],
  },
  {
    method: 'POST',
    path: '/transactions',
    body: { amount: 99, currency: 'EUR', status: 'failed' },
    emits: ['transaction.completed'],
  },
  {
    method: 'POST',
    path: '/expenses',
    body: { amount: 420, currency: 'EUR', category: 'travel' },
    emits: ['expense.created'],
  },
  {
    method: 'POST',
    path: '/expenses',
    body: { amount: 2300, currency: 'EUR', category: 'equipment' },
    emits: ['expense.created'],
  },
  {
    method: 'POST',
    path: '/debts',
    body: { amount: 1800, currency: 'EUR', type: 'receivable' },
    emits: ['debt.created'],
  },
  {
    method: 'POST',
    path: '/debts',
    body: { amount: 700, currency: 'EUR', type: 'payable' },
    emits: ['debt.created'],
  },
  { method: 'DELETE', path: '/clients/{shop}', emits: ['client.deleted'] },
  { method: 'DELETE', path: '/users/{ada}', emits: ['user.deleted'] },
];

/** The same events in another tenant, which has other scripts for some of them, and none for the rest. */
export const NEIGHBOUR_STEPS: readonly Step[] = [
  {
    method: 'POST',
    path: '/users',
    body: { email: 'grace@globex.com', firstName: 'Grace', lastName: 'Hopper', password: 'compile it first' },
    emits: ['user.created'],
  },
  {
    method: 'POST',
    path: '/clients',
    body: { name: 'Important & Partners', email: 'important@client.com' },
    emits: ['client.created'],
  },
  {
    method: 'POST',
    path: '/payments',
    body: { amount: 250, currency: 'EUR' },
    emits: ['payment.created'],
  },
];

/** Ids that earlier steps have saved, by name. */
export class Memory {
  private readonly ids = new Map<string, string>();

  remember(name: string, id: string): void {
    this.ids.set(name, id);
  }

  /** Replaces each `{name}` in the value by its id. */
  fill<T>(value: T): T {
    if (value === undefined) return value;
    const text = JSON.stringify(value).replace(/\{(\w+)\}/g, (_, name: string) => {
      const id = this.ids.get(name);
      if (id === undefined) throw new Error(`No step has made {${name}} yet.`);
      return id;
    });
    return JSON.parse(text) as T;
  }
}
