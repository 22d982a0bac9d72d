const { sessionId, userId } = ctx.input;
const ended = ctx.type === 'session.expired';
sdk.log.info(ended ? 'Session ended' : 'Session started', { sessionId, userId });
