import { Body, Controller, Get, Header, Post, Query, Redirect, Req } from '@nestjs/common';
import { ClientService } from '../crm/clients/client.service.js';
import { ExpenseService } from '../finance/expenses/expense.service.js';
import { PaymentService } from '../finance/payments/payment.service.js';
import { documentOf } from '../tenancy/document.js';
import { PEOPLE, type Person, signedIn } from '../tenancy/people.js';
import type { TenantRequest } from '../tenancy/tenant.guard.js';

/** The tenant whose events an operator of all tenants emits. */
const OF_OPERATORS = 'acme';

/** The actions on the start page, with the texts of their buttons and the events that they emit. */
const ACTS = {
  client: ['Add a client', 'client.created'],
  expense: ['File an expense', 'expense.created'],
  payment: ['Complete a payment', 'payment.completed'],
} as const;

type Act = keyof typeof ACTS;

const isAct = (value: unknown): value is Act => typeof value === 'string' && Object.hasOwn(ACTS, value);

/** Stands in for the screens of a product: a person who has signed in emits an event and sees what scripts do with it. */
@Controller()
export class HomeController {
  constructor(
    private readonly clients: ClientService,
    private readonly expenses: ExpenseService,
    private readonly payments: PaymentService,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  show(@Req() { headers }: TenantRequest, @Query() { done }: { done?: unknown }): string {
    const person = signedIn(headers.cookie);
    return person ? home(person, isAct(done) ? done : undefined) : SIGN_IN_FIRST;
  }

  @Post()
  @Redirect('/', 303)
  async act(
    @Req() { headers }: TenantRequest,
    @Body() { act }: { act?: unknown },
  ): Promise<{ url: string } | undefined> {
    const person = signedIn(headers.cookie);
    if (!person || !isAct(act)) return undefined;
    const { tenants } = PEOPLE[person];
    await this.make(act, tenants === 'all' ? OF_OPERATORS : tenants[0]);
    return { url: `/?done=${act}` };
  }

  private async make(act: Act, tenantId: string): Promise<void> {
    if (act === 'client')
      await this.clients.create(tenantId, { name: 'Important & Partners', email: 'important@client.com' });
    if (act === 'expense')
      await this.expenses.create(tenantId, { amount: 2_300, currency: 'EUR', category: 'equipment' });
    if (act !== 'payment') return;
    const { id } = await this.payments.create(tenantId, { amount: 750, currency: 'EUR' });
    await this.payments.complete(tenantId, id);
  }
}

const BUTTONS = Object.entries(ACTS)
  .map(([act, [words]]) => `<p><button name="act" value="${act}">${words}</button></p>`)
  .join('');

const home = (person: Person, done: Act | undefined): string =>
  documentOf(
    'Back office',
    `<p>You are signed in as ${PEOPLE[person].name}, ${PEOPLE[person].role}. Make something happen, then see what the
scripts do with it.</p><form method="post" action="/">${BUTTONS}</form>
<p role="status">${done ? `Done: the event ${ACTS[done][1]} has happened.` : ''}</p>
<p><a href="/scripts-event/overview">Open the scripts</a> · <a href="/sign-in">Sign in as somebody else</a></p>`,
  );

const SIGN_IN_FIRST = documentOf('Back office', '<p><a href="/sign-in">Sign in</a> first.</p>');
