import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FULL } from '../../support/test-form.js';

const CLI = join(__dirname, '../../../dist/lib/cli');
const MAIN = join(CLI, 'main.js');

/** How a call of the command ended. */
interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** Records what is printed to a stream of this test file's own `process`, until `end` is called. */
class Printed {
  text = '';
  private readonly before: PropertyDescriptor;

  constructor(private readonly name: 'stdout' | 'stderr') {
    this.before = Object.getOwnPropertyDescriptor(process, name)!;
    const write = (text: string): boolean => {
      this.text += text;
      return true;
    };
    Object.defineProperty(process, name, { value: { write }, configurable: true });
  }

  end(): void {
    Object.defineProperty(process, this.name, this.before);
  }
}

/** A folder to call the command in, removed after the test. */
export class CommandFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'scripts-event-cli-'));
  private readonly running: ChildProcess[] = [];

  write(files: Record<string, unknown>): void {
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(this.path, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  /** Starts the command. `seen` is its output so far. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: this.path,
      env: { PATH: process.env.PATH, ...env },
    });
    this.running.push(child);
    const seen = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (seen.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (seen.err += text));
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code) => resolve({ code, ...seen }));
    });
    return { child, seen, ended };
  }

  /**
   * Calls the command and waits for its end. The short form calls the built command in this process, unless it gets input or an
   * environment, or imports a module: another process would take a quarter of a second to load what is loaded here already.
   */
  call(
    args: readonly string[],
    { stdin, env }: { stdin?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Ended> {
    const bindings = args[args.findIndex((arg) => arg === '--bindings' || arg === '-b') + 1] ?? '';
    const isPlain = stdin === undefined && env === undefined && !/\.m?js$/.test(bindings);
    if (!FULL && isPlain) return this.callHere(args);
    const { child, ended } = this.start(args, env);
    child.stdin.end(stdin);
    return ended;
  }

  private async callHere(args: readonly string[]): Promise<Ended> {
    const { callCommand } = require(
      join(CLI, 'command-line.js'),
    ) as typeof import('../../../lib/cli/command-line.js');
    const { Terminal } = require(join(CLI, 'terminal.js')) as typeof import('../../../lib/cli/terminal.js');
    const [out, err] = [new Printed('stdout'), new Printed('stderr')];
    const folder = process.cwd();
    process.chdir(this.path);
    try {
      const code = await callCommand(args, new Terminal());
      return { code, out: out.text, err: err.text };
    } finally {
      process.chdir(folder);
      out.end();
      err.end();
    }
  }

  remove(): void {
    for (const child of this.running) child.kill('SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
  }
}
