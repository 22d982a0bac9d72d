const LIMITS = { travel: 1500, entertainment: 300 };
const { category, amount } = ctx.input;
const over = amount - LIMITS[category];
if (over > 0) sdk.log.warn('Over the limit of its category', { category, over });
else sdk.log.info('Within the limit of its category', { category });
return { approved: over <= 0 };
