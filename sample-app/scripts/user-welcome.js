sdk.log.info('User created', { email: ctx.input.email });
