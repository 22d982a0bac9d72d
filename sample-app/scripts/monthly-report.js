// Computes for a while, so that the demo can kill the process in the middle of a run.
let checksum = 0;
for (let row = 0; row < 20_000_000; row += 1) checksum = (checksum * 31 + row) % 1_000_003;
sdk.log.info('Report ready', { month: ctx.input.month, checksum });
return { checksum };
