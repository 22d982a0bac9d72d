import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { OnApplicationShutdown } from '@nestjs/common';
import { formatDuration } from '../../common/duration-text.js';
import { childAt, typeStripperBeside } from '../../common/own-file.js';
import { SourceCheckStoppedError } from '../../common/source-check-stopped.error.js';
import { TenantTurns } from '../../common/tenant-turns.js';
import { startFailure } from './start-failure.js';
import type { TypeProblem } from './strip.messages.js';
import { StripWorker } from './strip-worker.js';
import { WORKER_ENTRY } from './worker-entry.js';

/** JavaScript on the same lines and columns, or what is wrong with the text. */
export type StrippedSource = { javascript: string } | { problem: TypeProblem };

/**
 * Milliseconds for one text. Real scripts take a few; nested conditionals and arrow functions can take the parser
 * exponential time.
 */
const TIMEOUT_MS = 2_000;
const TURNS = { atOnce: 1, perTenant: 20, all: 1_000 };
/** Milliseconds without work after which the thread ends. It holds some 60 MB. */
const IDLE_MS = 30_000;

const TOO_MUCH = `Removing its types takes longer than ${formatDuration(TIMEOUT_MS)} because it nests too deeply. Use less nesting, or write it in JavaScript.`;

/**
 * Turns a script's TypeScript into JavaScript by replacing its types with spaces, so that lines and columns stay the
 * same. A tenant's text can make the parser run for minutes or corrupt its memory. So it runs in a thread of its own,
 * which a deadline ends, and never on the host's event loop. One text at a time; tenants take turns.
 */
export class TypeStripper implements OnApplicationShutdown {
  private worker: StripWorker | undefined;
  private readonly turns = new TenantTurns(TURNS);
  private idle: NodeJS.Timeout | undefined;
  private stopped = false;

  private readonly program: string;

  /**
   * @param childPath the sandbox's program, if an option names it; the program of this class lies beside it
   * @param find finds the file of amaro, an optional peer, from the program's place; throws if it is not installed
   */
  constructor(
    childPath?: string,
    // Bundlers would replace the path in `require.resolve`.
    private readonly find = (program: string): string => createRequire(program).resolve('amaro'),
  ) {
    this.program = childPath === undefined ? WORKER_ENTRY : typeStripperBeside(childAt(childPath));
  }

  /**
   * @param tenantId whose source it is
   * @throws TypeScriptSupportError when amaro is not installed
   * @throws TypeScriptStartError when the system refuses what the thread needs
   * @throws SourceChecksFullError when 20 texts of the tenant, or 1,000 of all, wait
   * @throws SourceCheckStoppedError when the application stops before it is the text's turn
   */
  strip(source: string, tenantId?: string): Promise<StrippedSource> {
    return this.turns.take(tenantId, () => this.stripNow(source));
  }

  /** Ends the thread, which would keep the process alive, and refuses waiting and later texts. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.endThread();
  }

  private async endThread(): Promise<void> {
    clearTimeout(this.idle);
    const { worker } = this;
    this.worker = undefined;
    await worker?.stop();
  }

  private async stripNow(source: string): Promise<StrippedSource> {
    if (this.stopped) throw new SourceCheckStoppedError();
    clearTimeout(this.idle);
    if (!this.worker?.isUsable) this.worker = new StripWorker(this.program, this.fileOfAmaro());
    const answer = await this.worker.ask(source, TIMEOUT_MS);
    this.idle = setTimeout(() => void this.endThread(), IDLE_MS).unref();
    return 'javascript' in answer || 'problem' in answer
      ? answer
      : { problem: { code: 'too-slow', message: TOO_MUCH } };
  }

  private fileOfAmaro(): string {
    try {
      // Without a free file descriptor, the look-up finds no package, and Node.js remembers that for as long as the
      // process lives.
      closeSync(openSync(this.program, 'r'));
      return this.find(this.program);
    } catch (error) {
      throw startFailure(error);
    }
  }
}
