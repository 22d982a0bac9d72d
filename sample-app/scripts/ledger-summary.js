const { amount, status } = ctx.input;
// Count money in its smallest unit: 0.1 + 0.2 is not 0.3 in JavaScript.
const cents = Math.round(amount * 100);
const vat = Math.round(cents - cents / 1.2);
sdk.log.info('Booked', { status, cents, vat });
return { cents, vat };
