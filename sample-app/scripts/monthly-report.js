// Real work for the processor: long enough to pull the plug in the middle of it.
let checksum = 0;
for (let row = 0; row < 20_000_000; row += 1) checksum = (checksum * 31 + row) % 1_000_003;
sdk.log.info('Report ready', { month: ctx.input.month, checksum });
return { checksum };
