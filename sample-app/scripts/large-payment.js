const { paymentId, amount, currency } = ctx.input;
sdk.log.warn('Payment over 10,000', { paymentId, amount, currency });
return { review: true };
