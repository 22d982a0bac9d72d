import ivm from 'isolated-vm';
import { setEngineFlags } from '../lib/sandbox/child/engine-flags.js';
import { Home } from '../lib/sandbox/child/home.js';
import { RealmMaker } from '../lib/sandbox/child/realm.js';
import { warmUp } from '../lib/sandbox/child/warm-up.js';
import type { RunSettings } from '../lib/sandbox/protocol.js';
import { SandboxLimits } from '../lib/sandbox/sandbox.limits.js';

/** How many homes are measured. As many are made before, to warm up. */
const HOMES = 100;
const SOURCE = `sdk.log.info('A client', { id: ctx.input.clientId }); return ctx.input.clientId * 2;`;

const SETTINGS: RunSettings = {
  isolation: 'compartment',
  bindings: [],
  reservedEventTypes: [],
  limits: new SandboxLimits(),
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Processor time of this process so far. Other work on the machine hardly changes it. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

interface Steps {
  isolate: number;
  prelude: number;
  realm: number;
  script: number;
  disposal: number;
}

/** Processor time of each step, in milliseconds. A frozen realm is made in one step: the difference is what freezing costs. */
function timed(isFrozen: boolean): Steps {
  const clock = [cpuMs()];
  const mark = (): number => clock.push(cpuMs());
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  mark();
  const realms = new RealmMaker(isolate);
  mark();
  const { check } = isFrozen ? realms.makeFrozen() : realms.make();
  mark();
  isolate.compileScriptSync(`(async function () {\n${SOURCE}\n})`);
  check.applySync(undefined, [SOURCE]);
  mark();
  isolate.dispose();
  mark();
  const [made, compiled, realm, script, disposal] = clock
    .slice(1)
    .map((time, step) => time - clock[step]!) as [number, number, number, number, number];
  return { isolate: made, prelude: compiled, realm, script, disposal };
}

function wholeHome(): number {
  const from = cpuMs();
  const home = new Home(SETTINGS);
  home.enter({ script: 0, settings: SETTINGS, source: SOURCE });
  home.dispose();
  return cpuMs() - from;
}

/** Measures in this process each step that a run needs if its tenant has no home in its process; medians. */
export function measureColdHome(): void {
  setEngineFlags();
  warmUp();
  const frozen: Steps[] = [];
  const plain: Steps[] = [];
  const whole: number[] = [];
  for (let turn = -HOMES; turn < HOMES; turn++) {
    const [one, other, all] = [timed(true), timed(false), wholeHome()];
    if (turn < 0) continue;
    frozen.push(one);
    plain.push(other);
    whole.push(all);
  }
  const of = (step: keyof Steps, steps = frozen): number => median(steps.map((each) => each[step]));
  console.log(`\nA cold run, medians of ${HOMES} homes, milliseconds of processor time`);
  console.table(
    Object.entries({
      isolate: of('isolate'),
      'prelude compiled': of('prelude'),
      'context and prelude run': of('realm', plain),
      freezing: of('realm') - of('realm', plain),
      'script compiled and checked': of('script'),
      'home disposed of': of('disposal'),
      'all of a home': median(whole),
    }).map(([step, ms]) => ({ step, ms: ms.toFixed(2) })),
  );
}
