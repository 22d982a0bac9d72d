// Every Monday at 8:00 in Berlin, for the week since the digest before.
const { scheduledFor, previousRunAt, payload } = ctx.input;
sdk.log.info(`Digest for ${payload.team}`, { from: previousRunAt, to: scheduledFor });
return { team: payload.team, from: previousRunAt, to: scheduledFor };
