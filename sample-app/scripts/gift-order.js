// Two executions lie between the event of the host and this one: `ctx.event.depth` counts them.
sdk.log.info('Gift ordered', { budget: ctx.input.budget, depth: ctx.event.depth });
