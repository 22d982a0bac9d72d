// Every Monday at 8:00 in Berlin, for the week since the digest before. "Payment count" has counted meanwhile.
const { scheduledFor, previousRunAt, payload } = ctx.input;
const payments = (await store.tenant.get('payments')) ?? 0;
const sum = (await store.tenant.get('payments: sum')) ?? 0;
sdk.log.info(`Digest for ${payload.team}`, { from: previousRunAt, to: scheduledFor });
// The next week begins at zero. If a payment is counted while this runs, it runs again, so that none is lost.
await store.tenant.set('payments', 0);
await store.tenant.set('payments: sum', 0);
return { team: payload.team, payments, sum };
