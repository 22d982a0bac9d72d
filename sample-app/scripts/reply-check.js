// What operators promise in writing is binding: count the promises of every reply.
const promises = ctx.input.content.match(/\b(guarantee|promise|refund)\w*/gi) ?? [];
if (promises.length > 0) console.warn('Reply contains a promise', { promises });
return { promises: promises.length };
