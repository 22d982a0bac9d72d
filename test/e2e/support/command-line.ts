import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(__dirname, '../../../dist/lib/cli/main.js');

/** How a call of the command ended. */
interface Ended {
  code: number | null;
  out: string;
  err: string;
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

  /** Starts the command; `seen` is what it has printed so far. */
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

  /** Calls the command and waits for its end. */
  call(args: readonly string[], { stdin = '', env = {} }: { stdin?: string; env?: NodeJS.ProcessEnv } = {}) {
    const { child, ended } = this.start(args, env);
    child.stdin.end(stdin);
    return ended;
  }

  remove(): void {
    for (const child of this.running) child.kill('SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
  }
}
