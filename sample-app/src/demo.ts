import { awaitRetries, showDeadLetters } from './demo/chapters/dead-letters.js';
import { bringScripts } from './demo/chapters/bring-scripts.js';
import { checkFacts } from './demo/chapters/check-facts.js';
import { correctAndReplay } from './demo/chapters/correct-and-replay.js';
import { killProcess } from './demo/chapters/kill-process.js';
import { sendEvents } from './demo/chapters/send-events.js';
import { showIsolation } from './demo/chapters/show-isolation.js';
import { showCount } from './demo/chapters/count-exactly.js';
import { tryDigest } from './demo/chapters/try-digest.js';
import { bringSecret, showSecret } from './demo/chapters/use-a-secret.js';
import { showMetrics } from './demo/chapters/show-metrics.js';
import { startDemoApp, type DemoApp } from './demo/demo-app.js';
import type { DemoContext, Tenant } from './demo/demo.context.js';
import { gatherFacts } from './demo/facts.js';
import { Memory, NEIGHBOUR_STEPS, STEPS } from './demo/steps.js';
import { TenantApi } from './demo/tenant-api.js';
import { duration, Terminal } from './demo/terminal.js';

const terminal = new Terminal();

/** How to see the page: the demo stops its own application at the end. */
const ADMIN_PAGE =
  'Look at it in the admin page: npm run start:sample, then http://127.0.0.1:3000/scripts-event';

/** Runs the whole demo. Returns true if everything happened as expected. */
async function demo(): Promise<boolean> {
  const began = performance.now();
  terminal.line(['nestjs-scripts-event: what happens when events meet scripts', 'title']);
  const app = await startDemoApp();
  try {
    terminal.line([`${app.database}; the app answers at ${app.baseUrl}`, 'quiet']);
    const context = contextOf(app);
    await tell(context);
    const found = await gatherFacts(context);
    const stopMs = await app.stop();
    const left = app.processes.alive().length;
    const asExpected = checkFacts(terminal, {
      ...found,
      'after the stop': { 'sandbox processes left': left },
    });
    const total = duration(performance.now() - began);
    terminal.line([`Stopped gracefully in ${duration(stopMs)}. The demo took ${total}.`, 'quiet']);
    terminal.line([ADMIN_PAGE, 'quiet']);
    return asExpected;
  } finally {
    try {
      await app.stop();
    } finally {
      await app.cleanUp();
    }
  }
}

async function tell(context: DemoContext): Promise<void> {
  await bringScripts(context);
  await bringSecret(context);
  terminal.chapter('A day at acme: requests emit events, events run scripts');
  terminal.line([
    '  request, event with its payload → script, what its filter says → how its execution ended',
    'quiet',
  ]);
  await sendEvents(context, context.acme, STEPS);
  await showSecret(context);
  await showDeadLetters(context);
  await awaitRetries(context);
  await showCount(context);
  await tryDigest(context);
  // Nothing waits for a retry any more, so only reports run: the process that is killed runs one of them.
  await killProcess(context);
  await correctAndReplay(context);
  terminal.chapter('Meanwhile at globex: the same events, other scripts');
  await sendEvents(context, context.globex, NEIGHBOUR_STEPS);
  await showIsolation(context);
  await showMetrics(context);
}

function contextOf(app: DemoApp): DemoContext {
  const tenant = (name: string): Tenant => ({
    api: new TenantApi(app.baseUrl, name, `admin@${name}.com`),
    scripts: [],
  });
  return { app, terminal, acme: tenant('acme'), globex: tenant('globex'), memory: new Memory() };
}

// Ctrl-C must end the process with `exit`, because the exit handler stops the embedded database.
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));

async function main(): Promise<void> {
  try {
    process.exitCode = (await demo()) ? 0 : 1;
  } catch (error) {
    console.error('The demo did not reach its end:', error);
    process.exitCode = 1;
  }
}

void main();
