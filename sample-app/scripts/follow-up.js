// Listens to the type that it publishes: without the loop guard this would go on for ever.
sdk.log.info('Following up', { clientId: ctx.input.clientId, round: ctx.input.round });
events.publish('crm.follow_up_needed', { ...ctx.input, round: ctx.input.round + 1 });
