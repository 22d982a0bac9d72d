// Two executions lie between the event of the host and this one: `ctx.event.depth` counts them.
// The event carries only the client's id. The rest is asked for, by a binding that the manifest lets this script call.
const client = await crm.findClient({ clientId: ctx.input.clientId });
if (client === null) {
  sdk.log.info('No gift: the client has left', { clientId: ctx.input.clientId });
  return { ordered: false };
}
sdk.log.info('Gift ordered', { to: client.name, budget: ctx.input.budget, depth: ctx.event.depth });
return { ordered: true };
