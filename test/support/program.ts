import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from './wait-for.js';
import { type Protocol, type Reply, SETUP_VARIABLE } from './program.protocol.js';

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}

/** A program of the tests in a process of its own: it answers by `serve`. */
export class Program<Commands extends Protocol<Commands>> {
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

  /** Resolves when the program says that it is ready. The setup goes over as JSON. */
  static async start<Commands extends Protocol<Commands>>(
    path: string,
    setup: unknown,
    nodeFlags: readonly string[] = [],
  ): Promise<Program<Commands>> {
    const typed = [path, ...nodeFlags].some((file) => file.endsWith('.ts'));
    const child = fork(path, {
      execArgv: [
        '-r',
        join(__dirname, 'optimise-late.cjs'),
        ...(typed ? ['-r', join(__dirname, 'typescript.cjs')] : []),
        ...nodeFlags,
      ],
      env: { ...process.env, [SETUP_VARIABLE]: JSON.stringify(setup), NO_COLOR: '1' },
      serialization: 'advanced',
      silent: true,
    });
    const program = new Program<Commands>(child);
    await program.answer(0).catch((error: Error) => {
      throw new Error(`the program did not start: ${error.message}\n${program.log}`);
    });
    return program;
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
  tell<Name extends keyof Commands>(
    command: Name,
    args: Commands[Name]['args'],
  ): Promise<Commands[Name]['answer']> {
    const id = this.nextId++;
    const answer = this.answer(id);
    this.child.send({ id, command: command as string, args }, (error) => {
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
    await waitFor(`process ${this.pid} has ended`, () => !this.alive);
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
      `process ${this.pid} ended with ${how} before it answered:\n${this.log.slice(-4_000)}`,
    );
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
