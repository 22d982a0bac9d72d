import { Worker } from 'node:worker_threads';
import { FairTimer } from '../../common/fair-timer.js';
import { startFailure } from './start-failure.js';
import type { StripAnswer, StripWorkerData } from './strip.messages.js';

/** Heap for the parser's own objects, in megabytes. V8 limits the parser's WebAssembly memory. */
const MEMORY_MB = 128;

/** The thread that removes types, one text at a time. While it is idle, it doesn't keep the process alive. */
export class StripWorker {
  private readonly worker: Worker;
  private readonly ready: Promise<void>;
  private waiter: ((answer: StripAnswer) => void) | undefined;
  private ended = false;
  private started = false;
  private startFault: unknown;

  /**
   * @param program file of the thread's program
   * @param amaro file of the package amaro
   * @throws TypeScriptStartError if the system refuses the thread
   */
  constructor(program: string, amaro: string) {
    this.worker = newWorker(program, { amaro });
    this.worker.on('message', (answer: StripAnswer) => this.answer(answer));
    this.worker.on('error', (error) => {
      if (!this.started) this.startFault = error;
      this.answer({ fault: true });
    });
    this.worker.on('exit', () => this.end());
    this.ready = this.next().then((answer) => void (this.started = 'ready' in answer));
  }

  /** False if it can't process another text. */
  get isUsable(): boolean {
    return !this.ended;
  }

  /**
   * The answer for a text, or a `fault` if there is none within `timeoutMs`, not counting the thread's start.
   *
   * @throws TypeScriptSupportError if amaro can't be loaded
   * @throws TypeScriptStartError if the system refuses what the thread needs
   */
  async ask(source: string, timeoutMs: number): Promise<StripAnswer> {
    this.worker.ref();
    try {
      await this.ready;
      if (this.startFault !== undefined) throw startFailure(this.startFault);
      if (this.ended) return { fault: true };
      const timer = new FairTimer(timeoutMs, () => this.answer({ fault: true }));
      const answered = this.next();
      this.worker.postMessage(source);
      const answer = await answered;
      timer.cancel();
      if ('fault' in answer) await this.stop();
      return answer;
    } finally {
      this.worker.unref();
    }
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.worker.terminate();
  }

  private next(): Promise<StripAnswer> {
    return new Promise((resolve) => (this.waiter = resolve));
  }

  private answer(answer: StripAnswer): void {
    this.waiter?.(answer);
    this.waiter = undefined;
  }

  private end(): void {
    this.ended = true;
    this.answer({ fault: true });
  }
}

function newWorker(program: string, workerData: StripWorkerData): Worker {
  try {
    return new Worker(program, {
      workerData,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
  } catch (error) {
    throw startFailure(error);
  }
}
