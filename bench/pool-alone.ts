import { availableParallelism } from 'node:os';
import { ScriptSandbox } from 'nestjs-scripts-event/sandbox';

/** Runs at a time: as many as `buffer.workerCount` allows by default. */
const AT_ONCE = 10;

/** The pool by itself, without routing and storing. The whole pipeline is compared with it. */
export class PoolAlone {
  private readonly inputText: string;
  private readonly sandbox = new ScriptSandbox({
    processes: { min: availableParallelism(), max: availableParallelism() + 1 },
  });

  constructor(
    private readonly source: string,
    input: object,
  ) {
    this.inputText = JSON.stringify(input);
  }

  async start(): Promise<void> {
    await this.sandbox.start();
    await this.run(500);
  }

  /** Returns runs per second. */
  async run(runs: number): Promise<number> {
    const { source, inputText } = this;
    let left = runs;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const run = { source, inputText, tenantId: 'bench', scriptId: 'bench', version: 1 };
        const outcome = await this.sandbox.run(run);
        if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome.error));
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return (runs * 1000) / (performance.now() - started);
  }

  stop(): Promise<void> {
    return this.sandbox.stop();
  }
}
