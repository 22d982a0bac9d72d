// Runs because another script published `crm.vip_client_found`. Its own event goes one step further in the chain.
const steps = ['personal call', 'contract review', 'welcome gift'];
sdk.log.info(`Plan for ${ctx.input.name}`, { steps });
events.publish('crm.gift_requested', { clientId: ctx.input.clientId, budget: 50 });
return { steps };
