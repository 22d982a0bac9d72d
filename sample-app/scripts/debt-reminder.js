const { debtId, amount, currency } = ctx.input;
const days = amount > 1000 ? 7 : 30;
sdk.log.info('Reminder planned', { debtId, amount, currency, days });
return { days };
