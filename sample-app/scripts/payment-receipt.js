// Fails first and succeeds on the retry. There is no state between executions: the attempt number is in the context,
// and the idempotency key is the same on every attempt, so that a receipt can never be sent twice.
const { attempt, idempotencyKey } = ctx.execution;
if (attempt === 1) throw new Error('Receipt printer is still warming up');

sdk.log.info('Receipt sent', { paymentId: ctx.input.paymentId, attempt, idempotencyKey });
return { receipt: idempotencyKey };
