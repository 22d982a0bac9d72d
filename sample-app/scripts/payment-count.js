// Counts payments for the weekly digest. A large one is not confirmed at first, so that run fails after it has counted.
// What a failed run writes into the store is not kept: the retry counts the payment once.
const { amount } = ctx.input;
await store.tenant.increment('payments');
await store.tenant.increment('payments: sum', amount);
if (amount > 10000 && ctx.execution.attempt === 1)
  throw new Error('The bank has not confirmed the payment yet');
return { payments: await store.tenant.get('payments'), sum: await store.tenant.get('payments: sum') };
