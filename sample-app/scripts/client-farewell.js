const { clientId, name } = ctx.input;
sdk.log.info('Client left', { clientId, name });
events.publish('crm.follow_up_needed', { clientId, round: 1 });
