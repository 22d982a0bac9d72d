import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from '../../support/wait-for.js';
import {
  type CommandName,
  type Commands,
  type NodeSetup,
  type Reply,
  type Request,
  SETUP_VARIABLE,
} from './messages.js';

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

/** An application in a process of its own. */
export class FaultNode {
  private readonly waiting = new Map<number, Waiting>();
  private readonly exit: Promise<unknown>;
  private nextId = 1;
  private log = '';

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => this.onReply(reply));
    for (const stream of [child.stdout, child.stderr]) {
      stream
        ?.setEncoding('utf8')
        .on('data', (text: string) => (this.log = (this.log + text).slice(-100_000)));
    }
    this.exit = once(child, 'exit').then(() => this.lose());
  }

  /** Resolves when the application has started. */
  static async start(setup: NodeSetup, nodeFlags: readonly string[] = []): Promise<FaultNode> {
    const child = fork(join(__dirname, 'node.program.ts'), {
      execArgv: ['-r', 'esbuild-register', ...nodeFlags],
      env: { ...process.env, [SETUP_VARIABLE]: JSON.stringify(setup), NO_COLOR: '1' },
      silent: true,
    });
    const node = new FaultNode(child);
    await node.answer(0).catch((error: Error) => {
      throw new Error(`the node did not start: ${error.message}\n${node.log}`);
    });
    return node;
  }

  get pid(): number {
    return this.child.pid!;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it has logged; the last 100,000 characters. */
  get output(): string {
    return this.log;
  }

  /** Rejects when the command fails, or the process ends before it answers. */
  tell<Name extends CommandName>(
    command: Name,
    args: Commands[Name]['args'],
  ): Promise<Commands[Name]['answer']> {
    const id = this.nextId++;
    const answer = this.answer(id);
    this.child.send({ id, command, args } satisfies Request<Name>, (error) => {
      if (error) this.onReply({ id, error: error.message });
    });
    return answer as Promise<Commands[Name]['answer']>;
  }

  /** `kill -9`. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** A graceful stop. Resolves with how it ended. */
  async stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    if (this.alive) this.child.kill('SIGTERM');
    await this.ended();
    return { code: this.child.exitCode, signal: this.child.signalCode };
  }

  async ended(): Promise<void> {
    await waitFor(`node ${this.pid} has ended`, () => !this.alive, 60_000);
    await this.exit;
  }

  private answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private onReply(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.answer);
  }

  private lose(): void {
    const how = this.child.signalCode ?? `code ${this.child.exitCode}`;
    const error = new Error(
      `node ${this.pid} ended with ${how} before it answered:\n${this.log.slice(-4_000)}`,
    );
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
