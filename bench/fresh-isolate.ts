import type * as IsolatedVm from 'isolated-vm';

// oxlint-disable-next-line typescript/no-require-imports -- a CommonJS addon, and only the benchmarks load it here
const ivm = require('isolated-vm') as typeof IsolatedVm;

/** Does what a team writes by hand: runs the script in a fresh isolate of this process, with the input and a logger. */
export function runInFreshIsolate(source: string, input: object): void {
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  const context = isolate.createContextSync();
  context.global.setSync('input', new ivm.ExternalCopy(input).copyInto());
  context.global.setSync('log', (text: string) => void text);
  const names = `const ctx = { input }; const sdk = { log: { info: (m, d) => log(m + JSON.stringify(d)) } };`;
  isolate.compileScriptSync(`(() => { ${names} ${source} })()`).runSync(context, { timeout: 10_000 });
  isolate.dispose();
}
