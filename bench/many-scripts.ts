import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import ivm from 'isolated-vm';
import { ScriptSandbox } from 'nestjs-scripts-event/sandbox';
import type { ProcessLimits, SandboxRun } from 'nestjs-scripts-event/sandbox';

/** Runs at a time: as many as the pipeline has workers by default. */
const AT_ONCE = 10;
/** Milliseconds between two measurements of the processes. */
const LOOK_MS = 250;
/** Rounds before anything is measured. They have at least LEAST_FIRST and at most MOST_FIRST runs. */
const FIRST_ROUNDS = 3;
const LEAST_FIRST = 2_000;
const MOST_FIRST = 5_000;
/**
 * The clock starts when the rate has stopped rising: when it was less than RISING times the highest so far in SETTLED
 * slices one after another, or after MOST_SLICES. Until then the engine compiles for each home, with some 50 ms of
 * processor time.
 */
const SLICE_MS = 2_000;
const RISING = 1.02;
const SETTLED = 2;
const MOST_SLICES = 20;
/** Memory for most of a thousand isolates in four processes, which take 2 GB in all. */
const LARGE: Partial<ProcessLimits> = { memoryMb: 755, keptMemoryMb: 400 };
const inputText = JSON.stringify({
  name: 'client',
  items: [1, 2, 3, 4, 5].map((n) => ({ price: n * 10, qty: n })),
});

/** A different source for each script, so that V8 can't share compiled code between them. */
const sourceOf = (script: number): string =>
  `const total = ctx.input.items.reduce((sum, item) => sum + item.price * item.qty, ${script});
return { total, name: ctx.input.name.toUpperCase(), script: ${script} };`;

interface Load {
  scripts: number;
  /** Number of scripts of each tenant. */
  perTenant: number;
}

/** The figures, which are written as JSON. */
export interface ManyScriptsFigures {
  node: string;
  /** Runs per second with a fresh isolate for each run, in the host's own process. */
  freshPerSecond: number;
  rows: Measured[];
}

interface Measured extends Load {
  budget: string;
  /** Seconds until the clock started, and runs per second in the first SLICE_MS of them. */
  warmSeconds: number;
  firstPerSecond: number;
  perSecond: number;
  residentMb: number;
  cpuMs: number;
}

/** Resident memory in megabytes, and processor time in hundredths of a second, of the processes that live. */
function lookAt(pids: Iterable<number>): { residentMb: number; ticks: Map<number, number> } {
  let residentMb = 0;
  const ticks = new Map<number, number>();
  for (const pid of pids) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ');
      ticks.set(pid, Number(fields[13]) + Number(fields[14]));
      residentMb += (Number(fields[23]) * 4) / 1024;
    } catch {
      // It has ended, or this system does not say.
    }
  }
  return { residentMb, ticks };
}

async function measureOurs(
  { scripts, perTenant }: Load,
  seconds: number,
  budget: string,
  processes: Partial<ProcessLimits>,
): Promise<Measured> {
  const pids = new Set<number>();
  const sandbox = new ScriptSandbox({
    processes,
    onEvent: (event) => {
      if (event.type === 'process-started') pids.add(event.pid);
      if (event.type === 'process-ended') pids.delete(event.pid);
    },
  });
  await sandbox.start();
  let turn = 0;
  const runs: SandboxRun[] = Array.from({ length: scripts }, (_, script) => ({
    source: sourceOf(script),
    inputText,
    tenantId: `t${Math.floor(script / perTenant)}`,
    scriptId: `s${script}`,
    version: 1,
  }));
  const go = async (until: () => boolean): Promise<void> => {
    const worker = async (): Promise<void> => {
      while (!until()) {
        const outcome = await sandbox.run(runs[turn++ % scripts]!);
        if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome.error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  const rateFor = async (ms: number): Promise<number> => {
    const begun = turn;
    const startedAt = performance.now();
    await go(() => performance.now() - startedAt > ms);
    return ((turn - begun) / (performance.now() - startedAt)) * 1_000;
  };
  const warmedAt = performance.now();
  await go(() => turn >= Math.min(MOST_FIRST, Math.max(LEAST_FIRST, FIRST_ROUNDS * scripts)));
  const firstPerSecond = await rateFor(SLICE_MS);
  let best = firstPerSecond;
  for (let slices = 1, settled = 0; slices < MOST_SLICES && settled < SETTLED; slices++) {
    const rate = await rateFor(SLICE_MS);
    settled = rate < best * RISING ? settled + 1 : 0;
    best = Math.max(best, rate);
  }
  const warmSeconds = (performance.now() - warmedAt) / 1_000;

  const begun = turn;
  const first = lookAt(pids).ticks;
  let ticks = 0;
  let residentMb = 0;
  const look = (): void => {
    const now = lookAt(pids);
    residentMb = Math.max(residentMb, now.residentMb);
    for (const [pid, used] of now.ticks) ticks += used - (first.get(pid) ?? 0);
    for (const [pid, used] of now.ticks) first.set(pid, used);
  };
  const timer = setInterval(look, LOOK_MS);
  const perSecond = await rateFor(seconds * 1_000);
  clearInterval(timer);
  look();
  const done = turn - begun;
  await sandbox.stop();
  return {
    scripts,
    perTenant,
    budget,
    warmSeconds,
    firstPerSecond,
    perSecond,
    residentMb,
    cpuMs: (ticks * 10) / done,
  };
}

/** Runs per second with a fresh isolate for each run in this process. The number of scripts makes no difference to it. */
function measureFreshIsolate(seconds: number): number {
  const startedAt = performance.now();
  let runs = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    const isolate = new ivm.Isolate({ memoryLimit: 64 });
    const context = isolate.createContextSync();
    const program = `(function (text) { const ctx = { input: JSON.parse(text) }; return (function () { ${sourceOf(runs)} })(); })`;
    const run = isolate
      .compileScriptSync(program)
      .runSync(context, { reference: true }) as unknown as ivm.Reference<(text: string) => unknown>;
    run.applySync(undefined, [inputText], { timeout: 1_000, result: { copy: true } });
    isolate.dispose();
    runs++;
  }
  return runs / ((performance.now() - startedAt) / 1_000);
}

const numbers = (text: string): number[] => text.split(',').filter(Boolean).map(Number);

/** Reads the arguments of the command. See bench/README.md. */
export function readArguments(): {
  scripts: number[];
  perTenant: number[];
  seconds: number;
  engines: boolean;
  cold: boolean;
  calls: boolean;
  json: string | undefined;
} {
  const { values } = parseArgs({
    options: {
      scripts: { type: 'string', default: '1,16,40,100,1000,10000' },
      'per-tenant': { type: 'string', default: '5,1' },
      seconds: { type: 'string', default: '8' },
      engines: { type: 'boolean', default: false },
      cold: { type: 'boolean', default: false },
      calls: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  return {
    scripts: numbers(values.scripts),
    perTenant: numbers(values['per-tenant']),
    seconds: Number(values.seconds),
    engines: values.engines,
    cold: values.cold,
    calls: values.calls,
    json: values.json,
  };
}

/** Measures runs per second by the number of scripts that take turns, and with a fresh isolate for each run in this process. */
export async function measureManyScripts(
  scriptCounts: readonly number[],
  perTenants: readonly number[],
  seconds: number,
  json?: string,
): Promise<void> {
  const fresh = [measureFreshIsolate(seconds)];
  const rows: Measured[] = [];
  for (const perTenant of perTenants) {
    for (const scripts of scriptCounts) {
      if (scripts === 1 && rows.some((row) => row.scripts === 1)) continue;
      rows.push(await measureOurs({ scripts, perTenant }, seconds, 'default', {}));
      if (scripts === 1_000 && perTenant === 1)
        rows.push(await measureOurs({ scripts, perTenant }, seconds, `${LARGE.keptMemoryMb} MB`, LARGE));
      console.error(`${scripts} scripts, ${perTenant} a tenant: ${Math.round(rows.at(-1)!.perSecond)}/s`);
    }
  }
  fresh.push(measureFreshIsolate(seconds));
  const peer = fresh.reduce((sum, rate) => sum + rate, 0) / fresh.length;
  const figures: ManyScriptsFigures = { node: process.version, freshPerSecond: peer, rows };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  const one = rows.find((row) => row.scripts === 1)?.perSecond;
  console.log(
    `\nNode.js ${process.version}, ${availableParallelism()} cores, ${seconds} s a row, ${AT_ONCE} runs at a time; ` +
      `a fresh isolate for each run in the host's own process: ${Math.round(peer)} runs/s`,
  );
  console.table(
    rows.map(({ scripts, perTenant, budget, perSecond, residentMb, cpuMs, warmSeconds, firstPerSecond }) => ({
      scripts,
      tenants: Math.ceil(scripts / perTenant),
      'kept a process': budget,
      'runs/s': Math.round(perSecond),
      'of one script': one === undefined ? '' : `${Math.round((100 * perSecond) / one)} %`,
      'against fresh': `${(perSecond / peer).toFixed(2)}×`,
      'resident MB': Math.round(residentMb),
      'child CPU ms': cpuMs.toFixed(3),
      'warmed up s': warmSeconds.toFixed(0),
      'runs/s before': Math.round(firstPerSecond),
    })),
  );
}
