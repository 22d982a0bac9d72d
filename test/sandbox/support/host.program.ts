import { serve, setupOf } from '../../support/serve';
import { ANSWERS, type HostCommands, type HostRun, type HostSetup } from './host.protocol';
import { LoopMonitor } from './loop-monitor';

// Loads the built package, as an application does, because sandbox processes can't run TypeScript.
const { ScriptSandbox } =
  require('../../../dist/lib/sandbox/index.js') as typeof import('../../../lib/sandbox/index.js');

const pids = new Set<number>();
const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
// The process of the test has ended.
process.on('disconnect', () => process.exit());

void serve<HostCommands>(async () => {
  const monitor = new LoopMonitor();
  const sandbox = new ScriptSandbox({
    ...setupOf<HostSetup>(),
    onEvent: (event) => event.type === 'process-started' && pids.add(event.pid),
  });
  await sandbox.start();
  monitor.start();

  const run = ({ answers, ...rest }: HostRun) =>
    sandbox.run(answers === undefined ? rest : { ...rest, callBinding: ANSWERS[answers] });

  return {
    run,
    watch: async (args) => {
      monitor.takeWorst();
      monitor.takeLived();
      const startedAt = performance.now();
      const outcome = await run(args);
      const elapsedMs = performance.now() - startedAt;
      return { outcome, elapsedMs, livedMs: monitor.takeLived(), stalledMs: monitor.takeWorst() };
    },
    stats: async () => sandbox.stats(),
    traces: async () => ({ pids: [...pids], unhandled }),
    stop: async () => {
      monitor.stop();
      await sandbox.stop();
      return null;
    },
  };
});
