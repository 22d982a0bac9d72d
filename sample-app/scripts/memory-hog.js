// Another mistake: a cache without bound. The sandbox ends the script at its memory limit; the host notices nothing.
const cache = [];
for (;;) cache.push({ ...ctx.input, history: Array.from({ length: 1_000 }, (_, day) => day * 0.5) });
