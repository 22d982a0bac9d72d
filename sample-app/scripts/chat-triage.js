const TOPICS = {
  billing: /invoice|payment|refund/i,
  delivery: /parcel|delivery|shipping/i,
};
const topics = Object.keys(TOPICS).filter((topic) => TOPICS[topic].test(ctx.input.content));
sdk.log.warn('Urgent message', { chatId: ctx.input.chatId, topics });
return { topics };
