import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { FailureKind, Outcome, SourceProblem } from '../outcome.js';
import type { PreparedRun } from '../prepared-run.js';
import { encodeFrame, FrameReader } from '../protocol.js';
import type { Frame, IsolationMode, ToChild, ToParent } from '../protocol.js';
import type { EndReason } from '../sandbox-events.js';
import { CHILD_ENTRY } from './child-entry.js';
import { CHILD_ENVIRONMENT, childFlags } from './child-flags.js';
import { verdictOf } from './exit-reason.js';
import type { KillReason } from './exit-reason.js';
import type { Watched } from './memory-watch.js';
import { RunExchange } from './run-exchange.js';
import type { Line } from './run-exchange.js';

export interface ProcessOptions {
  isolation: IsolationMode;
  permissions: boolean;
  keptIsolates: number;
  startTimeoutMs: number;
  /** Share of this at which a sudden SIGKILL is taken for the system's out-of-memory killer. */
  memoryMb: number;
}

export interface ProcessExitReport {
  process: SandboxProcess;
  reason: EndReason;
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

export interface ProcessListener {
  onReady(process: SandboxProcess): void;
  onIdle(process: SandboxProcess): void;
  onWaitingChanged(process: SandboxProcess): void;
  /** The process ends, or has ended, with a run in it; told before the run's caller is. */
  onRunLost(process: SandboxProcess, run: PreparedRun, reason: FailureKind & EndReason): void;
  onExit(report: ProcessExitReport): void;
}

interface Refable {
  ref(): void;
  unref(): void;
}

const STDERR_KEPT = 4_096;
/** Time between a polite end and SIGKILL. */
const STOP_GRACE_MS = 1_000;

/**
 * One child process.
 *
 *   starting ──ready──> idle <──run / done──> busy
 *      │                 │ retire()            │ retire()
 *      │                 v                     v
 *      └─────────────> draining ────────────> ended
 */
export class SandboxProcess implements Watched, Line {
  state: 'starting' | 'idle' | 'busy' | 'draining' | 'ended' = 'starting';
  memoryMb = 0;
  runs = 0;
  /** Processor time of the run that ended last. */
  lastCpuMs = 0;
  idleSince = performance.now();
  readonly createdAt = performance.now();
  /** Keys of the isolates it should still have, oldest first. */
  private readonly warm = new Set<string>();
  private readonly child: ChildProcess;
  private readonly input: Duplex;
  private readonly reader = new FrameReader<ToParent>();
  private readonly startTimer: NodeJS.Timeout;
  private stopTimer: NodeJS.Timeout | undefined;
  private exchange: RunExchange | undefined;
  private checkDone: ((problem: SourceProblem | null | Error) => void) | undefined;
  private killedFor: KillReason | undefined;
  private endReason: EndReason | undefined;
  /** Verdict on the run it took with it. */
  private lostFor: (FailureKind & EndReason) | undefined;
  private stderr = '';
  private nextId = 1;

  constructor(
    private readonly options: ProcessOptions,
    private readonly listener: ProcessListener,
  ) {
    this.child = spawn(
      process.execPath,
      [...childFlags(options.permissions), CHILD_ENTRY, String(options.keptIsolates)],
      {
        env: CHILD_ENVIRONMENT,
        cwd: dirname(CHILD_ENTRY),
        // Error output, messages to the child, messages from it, and a pipe that only tells that the parent lives.
        stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      },
    );
    this.input = this.child.stdio[3] as Duplex;
    this.startTimer = setTimeout(() => this.end('start-failed'), options.startTimeoutMs);
    this.listen();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get runningMs(): number | undefined {
    return this.exchange && performance.now() - this.exchange.startedAt;
  }

  /** Busy with a script that can do nothing but wait. */
  get isWaiting(): boolean {
    return this.exchange?.isWaiting ?? false;
  }

  isWarmFor(key: string): boolean {
    return this.warm.has(key);
  }

  run(run: PreparedRun, onEnd: (outcome: Outcome) => void): void {
    this.beginWork();
    this.runs++;
    this.noteWarm(run.key);
    this.exchange = new RunExchange(this.nextId++, run, this, (outcome) => {
      this.lastCpuMs = outcome.metrics.cpuMs;
      this.exchange = undefined;
      this.becomeIdle();
      onEnd(outcome);
    });
    this.exchange.begin(this.options.isolation);
  }

  /** Rejects when the process ends before it answers. */
  check(source: string): Promise<SourceProblem | null> {
    this.beginWork();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.kill('timeout'), this.options.startTimeoutMs);
      this.checkDone = (problem) => {
        clearTimeout(timer);
        this.checkDone = undefined;
        this.becomeIdle();
        if (problem instanceof Error) reject(problem);
        else resolve(problem);
      };
      this.send({ t: 'check', id: this.nextId++ }, [source]);
    });
  }

  cancel(): void {
    this.exchange?.cancel();
  }

  /** Takes no more runs and ends after the one it has. */
  retire(reason: EndReason): void {
    this.endReason ??= reason;
    const wasBusy = this.state === 'busy';
    if (this.state === 'ended') return;
    this.state = 'draining';
    if (!wasBusy) this.end(reason);
  }

  /**
   * Ends the process although a script runs in it. The run is over at once: no code of a killed process runs any more,
   * but on a busy machine the system may take long to clear it away.
   */
  kill(reason: KillReason): void {
    this.killedFor ??= reason;
    this.state = 'draining';
    this.child.kill('SIGKILL');
    this.loseRun(null, 'SIGKILL');
  }

  /** Ends a process that no longer runs our code, before its run is told to be over: no other run may begin in it. */
  distrust(): void {
    this.state = 'draining';
    this.child.kill('SIGKILL');
    if (this.exchange === undefined) return;
    this.lostFor = 'crashed';
    this.listener.onRunLost(this, this.exchange.run, 'crashed');
  }

  overMemory(): void {
    this.kill('memory');
  }

  waitingChanged(): void {
    this.listener.onWaitingChanged(this);
  }

  send(message: ToChild, texts?: readonly string[]): void {
    if (this.input.writable) this.input.write(encodeFrame(message, texts));
  }

  private end(reason: EndReason): void {
    this.endReason ??= reason;
    this.state = 'draining';
    this.holdHost(true);
    // Without a reader of its own for signals the child ends at once; SIGKILL is for a stuck system call.
    this.child.kill('SIGTERM');
    this.stopTimer ??= setTimeout(() => this.child.kill('SIGKILL'), STOP_GRACE_MS);
  }

  private beginWork(): void {
    this.state = 'busy';
    this.holdHost(true);
  }

  private becomeIdle(): void {
    this.idleSince = performance.now();
    if (this.state === 'busy') {
      this.state = 'idle';
      this.holdHost(false);
      this.listener.onIdle(this);
    } else if (this.endReason !== undefined) {
      this.end(this.endReason);
    }
  }

  private noteWarm(key: string): void {
    this.warm.delete(key);
    this.warm.add(key);
    if (this.warm.size > this.options.keptIsolates) {
      for (const oldest of this.warm) {
        this.warm.delete(oldest);
        break;
      }
    }
  }

  private listen(): void {
    const output = this.child.stdio[4] as Readable;
    output.on('data', (chunk: Buffer) => this.onData(chunk));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_KEPT);
    });
    // A process that dies mid-sentence breaks its pipes; `close` tells the story.
    for (const stream of this.child.stdio.slice(2)) stream!.on('error', () => {});
    this.child.on('error', (error) => {
      this.stderr += error.message;
      if (this.child.pid === undefined) this.onClose(null, null);
    });
    this.child.on('close', (code, signal) => this.onClose(code, signal));
    this.holdHost(false);
  }

  /** An idle pool does not keep the host's process alive; a run does. */
  private holdHost(hold: boolean): void {
    for (const handle of [this.child, ...this.child.stdio.slice(2)] as unknown as Refable[]) {
      if (hold) handle.ref();
      else handle.unref();
    }
  }

  private onData(chunk: Buffer): void {
    try {
      for (const frame of this.reader.push(chunk)) this.onFrame(frame);
    } catch {
      this.distrust();
      this.exchange?.onLost('crashed', 'The process sent what is no message of ours');
    }
  }

  private onFrame({ head, texts }: Frame<ToParent>): void {
    switch (head.t) {
      case 'ready':
        return this.onReady();
      case 'logs':
        return this.exchange?.onLogs(texts);
      case 'calls':
      case 'waiting':
        return this.exchange?.onCalls(head, texts);
      case 'done':
        return this.exchange?.onDone(head, texts);
      case 'checked':
        return this.checkDone?.(head.problem);
      default: {
        const unknown: never = head;
        throw new TypeError(`unknown message ${JSON.stringify(unknown)}`);
      }
    }
  }

  private onReady(): void {
    clearTimeout(this.startTimer);
    if (this.state !== 'starting') return;
    this.state = 'idle';
    this.idleSince = performance.now();
    this.listener.onReady(this);
  }

  private onClose(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.state === 'ended') return;
    const wasStarting = this.state === 'starting';
    this.state = 'ended';
    clearTimeout(this.startTimer);
    clearTimeout(this.stopTimer);
    this.loseRun(code, signal);
    const reason = this.lostFor ?? this.endReason ?? (wasStarting ? 'start-failed' : 'died');
    this.checkDone?.(new Error(`the process ended with ${signal ?? `code ${code}`}`));
    this.listener.onExit({ process: this, reason, code, signal, stderr: this.stderr });
  }

  private loseRun(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.exchange === undefined) return;
    const { run } = this.exchange;
    const { limits } = run;
    const wasNearMemoryLimit = this.memoryMb > 0.8 * this.options.memoryMb;
    const exit = { killedFor: this.killedFor, code, signal, stderr: this.stderr, wasNearMemoryLimit };
    const { kind, detail } = verdictOf(exit);
    this.lostFor = kind;
    this.listener.onRunLost(this, run, kind);
    const bound = kind === 'timeout' ? ` (timeoutMs = ${limits.timeoutMs})` : '';
    this.exchange.onLost(
      kind,
      kind === 'cancelled' ? 'The run was cancelled' : `The script was stopped: ${detail}${bound}`,
    );
  }
}
