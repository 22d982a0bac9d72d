import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import vm from 'node:vm';
import ivm from 'isolated-vm';
import { ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import type { Isolation, SandboxRun } from 'nestjs-scripts-event/sandbox';
import { getQuickJS } from 'quickjs-emscripten';
import { measureBindingCalls } from './binding-calls.js';
import { measureColdHome } from './cold-home.js';
import { measureManyScripts, readArguments } from './many-scripts.js';

/**
 * Measures what one run of a small script costs: ours in the pool, and the engines by themselves in this process. The figures
 * are processor times of the parent and its children, medians of ROUNDS. See bench/README.md.
 */
const ROUNDS = 5;
const source = `const total = ctx.input.items.reduce((sum, item) => sum + item.price * item.qty, 0);
return { total, name: ctx.input.name.toUpperCase() };`;
const input = { name: 'client', items: [1, 2, 3, 4, 5].map((n) => ({ price: n * 10, qty: n })) };
const inputText = JSON.stringify(input);
/** The same script for engines without our `ctx`: a program whose value is the result as text. */
const program = `(function (text) { const ctx = { input: JSON.parse(text) }; return (function () { ${source} })(); })`;

interface Row {
  name: string;
  cpuMs: number;
  perSecond: number;
  parentMs?: number;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Processor time of the children, from `/proc`. */
function childrenCpuMs(pids: Iterable<number>): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ');
    ticks += Number(fields[13]) + Number(fields[14]);
  }
  return ticks * 10;
}

/** Measures runs in this process, one after the other. */
function measureHere(name: string, runs: number, once: () => unknown): Row {
  for (let n = 0; n < runs / 5; n++) once();
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const cpuAtStart = ownCpuMs();
    const startedAt = performance.now();
    for (let n = 0; n < runs; n++) once();
    wall.push((performance.now() - startedAt) / runs);
    cpu.push((ownCpuMs() - cpuAtStart) / runs);
  }
  return { name, cpuMs: median(cpu), perSecond: 1000 / median(wall) };
}

async function measurePool(name: string, runs: number, isolation: Isolation): Promise<Row> {
  const pids = new Set<number>();
  const computing = availableParallelism();
  const sandbox = new ScriptSandbox({
    isolation,
    // No spare is started while the clock runs, and no process is replaced.
    processes: { min: computing + 1, max: computing + 1, maxRuns: 10_000_000 },
    onEvent: (event) => event.type === 'process-started' && pids.add(event.pid),
  });
  await sandbox.start();
  const idleMb = sandbox.stats().rssBytes / pids.size / 1024 / 1024;
  const run: SandboxRun = { source, inputText, tenantId: 't', scriptId: 's', version: 1 };
  const firstAt = performance.now();
  await sandbox.run(run);
  const firstMs = performance.now() - firstAt;
  const batch = async (): Promise<void> => {
    let left = runs;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const outcome = await sandbox.run(run);
        if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome.error));
      }
    };
    await Promise.all(Array.from({ length: computing * 3 }, worker));
  };
  await batch();
  const cpu: number[] = [];
  const parent: number[] = [];
  const wall: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [own, children, startedAt] = [ownCpuMs(), childrenCpuMs(pids), performance.now()];
    await batch();
    wall.push((performance.now() - startedAt) / runs);
    parent.push((ownCpuMs() - own) / runs);
    cpu.push((ownCpuMs() - own + childrenCpuMs(pids) - children) / runs);
  }
  console.log(
    `${name}: first run after start ${firstMs.toFixed(1)} ms, idle process ${idleMb.toFixed(0)} MB`,
  );
  await sandbox.stop();
  return { name, cpuMs: median(cpu), perSecond: 1000 / median(wall), parentMs: median(parent) };
}

function isolatedVmKept(): Row {
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  const script = isolate.compileScriptSync(program);
  return measureHere('isolated-vm in the host, kept isolate, fresh context', 500, () => {
    const context = isolate.createContextSync();
    const run = script.runSync(context, { reference: true }) as unknown as ivm.Reference<
      (text: string) => unknown
    >;
    run.applySync(undefined, [inputText], { timeout: 1_000, result: { copy: true } });
    run.release();
    context.release();
  });
}

function isolatedVmFresh(): Row {
  return measureHere('isolated-vm in the host, fresh isolate', 200, () => {
    const isolate = new ivm.Isolate({ memoryLimit: 64 });
    const context = isolate.createContextSync();
    const script = isolate.compileScriptSync(program);
    const run = script.runSync(context, { reference: true }) as unknown as ivm.Reference<
      (text: string) => unknown
    >;
    run.applySync(undefined, [inputText], { timeout: 1_000, result: { copy: true } });
    isolate.dispose();
  });
}

function nodeVm(): Row {
  const script = new vm.Script(program);
  return measureHere('node:vm, fresh context (no protection)', 300, () => {
    const run = script.runInContext(vm.createContext({}), { timeout: 1_000 }) as (text: string) => unknown;
    return JSON.stringify(run(inputText));
  });
}

async function quickJs(): Promise<Row> {
  const quickjs = await getQuickJS();
  const code = `JSON.stringify(${program}(${JSON.stringify(inputText)}))`;
  return measureHere('quickjs-emscripten, fresh runtime', 300, () => {
    const context = quickjs.newContext();
    const result = context.unwrapResult(context.evalCode(code));
    const text = context.getString(result);
    result.dispose();
    context.dispose();
    return text;
  });
}

async function measureEngines(): Promise<void> {
  const ours = await measurePool('ours, compartment (default)', 6_000, 'compartment');
  const rows = [
    ours,
    await measurePool('ours, context', 3_000, 'context'),
    await measurePool('ours, isolate', 600, 'isolate'),
    isolatedVmKept(),
    isolatedVmFresh(),
    nodeVm(),
    await quickJs(),
  ];
  console.log(`\nNode.js ${process.version}, ${availableParallelism()} cores, medians of ${ROUNDS} rounds`);
  console.table(
    rows.map(({ name, cpuMs, perSecond, parentMs }) => ({
      name,
      'CPU ms a run': cpuMs.toFixed(3),
      'of it parent': parentMs?.toFixed(3) ?? '',
      'runs/s': Math.round(perSecond),
      'CPU against ours': `${(cpuMs / ours.cpuMs).toFixed(2)}×`,
    })),
  );
}

async function main(): Promise<void> {
  const { scripts, perTenant, seconds, engines, cold, calls, json } = readArguments();
  if (cold) return measureColdHome();
  if (calls) return measureBindingCalls(1_000);
  await measureManyScripts(scripts, perTenant, seconds, json);
  if (engines) await measureEngines();
}

void main();
