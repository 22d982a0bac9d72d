// A mistake that happens: the loop's condition never becomes false. The sandbox ends it at the script's time limit.
let debt = ctx.input.amount;
while (debt > 0) debt *= 1.01;
return { debt };
