// The filter has decided that this client is important. Other scripts of the tenant, and the host, hear of it by an
// event of our own; it is handed over when this script has completed.
const { clientId, name, email } = ctx.input;
sdk.log.warn('Important client', { name, email });
events.publish('crm.vip_client_found', { clientId, name });
