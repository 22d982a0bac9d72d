// One script may listen to several event types: `ctx.type` says which one it was, `ctx.actor` who caused it.
const { userId, email } = ctx.input;
const verb = ctx.type === 'user.deleted' ? 'deleted' : 'updated';
sdk.log.info(`User ${verb}`, { userId, email, by: ctx.actor?.id ?? 'unknown' });
return { verb, userId };
