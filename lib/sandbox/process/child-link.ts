import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { getSystemErrorMap } from 'node:util';
import { encodeFrame, FrameReader } from '../protocol.js';
import type { Frame, FrameBounds, ToChild, ToParent, UnsentMessage } from '../protocol.js';
import { CHILD_ENVIRONMENT } from './child-flags.js';
import { SMALL_MESSAGES, UNSENT_LINES } from './heard-run.js';

/** The program to start. */
export interface Program {
  /** The Node.js binary. */
  command: string;
  args: readonly string[];
  cwd: string;
}

export interface LinkListener {
  /**
   * @param isLast whether nothing else has arrived after it, not even part of another message
   * @param follower the head of the message that follows it, if that has arrived
   */
  onMessage(message: Frame<ToParent>, isLast: boolean, follower: ToParent | undefined): void;
  /** The log lines that the process's run had not sent when it was asked by {@link ChildLink.askForUnsent}. */
  onUnsent(message: Frame<UnsentMessage>): void;
  /** Part of a message has arrived, but not its end. */
  onPart(): void;
  /** The process sent something that is no valid message, or too much error output. Nothing more is read. */
  onNonsense(): void;
  onClose(code: number | null, signal: NodeJS.Signals | null): void;
}

interface Refable {
  ref(): void;
  unref(): void;
}

/** How many characters of the error output are kept, of its beginning and of its end. */
const STDERR_HEAD = 2_048;
const STDERR_TAIL = 4_096;
/** Most characters of error output that an honest process writes before it ends. */
const STDERR_MOST = 1024 * 1024;
/** The question for unsent lines. Which byte it is has no meaning. */
const QUESTION = Buffer.alloc(1);
/** Most questions without an answer: a process that is stopped answers none. */
const MOST_OPEN = 2;

/** What the system said, with the meaning of its code: few know `EMFILE` by heart. */
function whyNotStarted({ message, errno }: NodeJS.ErrnoException): string {
  const meaning = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  return meaning === undefined ? message : `${message}: ${meaning}`;
}

/** Calls back when no settled promise has anything left to do, and before the next turn of the event loop. */
const afterPromises = (done: () => void): void =>
  process.nextTick(() => queueMicrotask(() => process.nextTick(done)));

/** The processes that have not ended. */
const living = new Set<ChildProcess>();

function killLiving(): void {
  for (const child of living) child.kill('SIGKILL');
}

/**
 * Kills the process at the end of this one. A ready process ends by itself then; one that hangs in its start, because
 * the system refuses it a thread, would stay for ever.
 */
function endWithHost(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (living.size === 0) process.once('exit', killLiving);
  living.add(child);
  child.once('exit', () => {
    living.delete(child);
    if (living.size === 0) process.off('exit', killLiving);
  });
}

/** A child process and the pipes to it. */
export class ChildLink {
  private stderrHead = '';
  private stderrTail = '';
  private readonly child: ChildProcess;
  /** Its error output, and the other pipes to it. There are none if the host has no file descriptor left for them. */
  private readonly pipes: readonly Duplex[];
  private readonly input: Duplex | undefined;
  private readonly reader = new FrameReader<ToParent>(SMALL_MESSAGES);
  private readonly unsentReader = new FrameReader<UnsentMessage>(UNSENT_LINES);
  /** Questions for unsent lines that have no answer yet. */
  private open = 0;
  private stderrSize = 0;
  private deaf = false;

  constructor(
    { command, args, cwd }: Program,
    private readonly listener: LinkListener,
  ) {
    this.child = spawn(command, args, {
      env: CHILD_ENVIRONMENT,
      cwd,
      // The child gets a session of its own, so that signals of a terminal or shell to the host's process group don't
      // reach it. It still ends with the host, because the last pipe closes then.
      detached: process.platform !== 'win32',
      windowsHide: true,
      // The pipes are for error output, messages to the child, messages from it, and the end of the host. On the last
      // one, the host also asks for unsent log lines and gets them.
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.pipes = ((this.child.stdio as ChildProcess['stdio'] | undefined)?.slice(2) ?? []) as Duplex[];
    this.input = this.pipes[1];
    this.listen();
  }

  /** The process's error output: the beginning, which names the cause of a failure, and the end. */
  get stderr(): string {
    const whole = this.stderrSize <= STDERR_HEAD + STDERR_TAIL;
    return `${this.stderrHead}${whole ? '' : '\n…\n'}${this.stderrTail}`;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  send(message: ToChild, texts?: readonly string[]): void {
    if (this.input?.writable) this.input.write(encodeFrame(message, texts));
  }

  /**
   * Sends a message together with all others until the promises that are settled now have had their effect. Each write
   * costs a system call and may wake the process, which then often takes this one's core.
   */
  sendSoon(message: ToChild, texts?: readonly string[]): void {
    const { input } = this;
    if (input?.writableCorked === 0) {
      input.cork();
      afterPromises(() => input.uncork());
    }
    this.send(message, texts);
  }

  /** Sets the largest message that the process may send from now on. */
  expect(bounds: FrameBounds): void {
    this.reader.bounds = bounds;
  }

  /** Asks for the log lines that the run has not sent yet. The process can answer while its script computes. */
  askForUnsent(): void {
    const pipe = this.pipes[3];
    if (this.open >= MOST_OPEN || !pipe?.writable) return;
    this.open++;
    pipe.write(QUESTION);
  }

  /** Whether the process has answered all questions for unsent lines. */
  get hasToldUnsent(): boolean {
    return this.open === 0;
  }

  /** Kills the process, which has nothing to clean up. What it sends from now on is ignored. */
  kill(): void {
    this.deaf = true;
    // Until Node.js reports that a process could not start, its handle has no id but what happens to be in memory. If
    // that is 0, the signal ends this process and its whole group.
    if (this.child.pid !== undefined) this.child.kill('SIGKILL');
  }

  /** Sets whether the child keeps the host alive: it should while it works, but not while it is idle. */
  holdHost(hold: boolean): void {
    for (const handle of [this.child, ...this.pipes] as unknown as Refable[]) {
      if (hold) handle.ref();
      else handle.unref();
    }
  }

  /** Adds a sentence of the host to the error output. */
  note(text: string): void {
    this.keepErrorOutput(`${text}\n`);
  }

  private listen(): void {
    endWithHost(this.child);
    this.child.on('error', (error) => {
      this.keepErrorOutput(whyNotStarted(error));
      if (this.child.pid === undefined) this.listener.onClose(null, null);
    });
    this.child.on('close', (code, signal) => this.listener.onClose(code, signal));
    const [errors, , output, unsent] = this.pipes;
    output?.on('data', (chunk: Buffer) => this.onData(chunk));
    unsent?.on('data', (chunk: Buffer) => this.onUnsentData(chunk));
    errors?.setEncoding('utf8').on('data', (text: string) => this.onErrorOutput(text));
    // A process that dies while writing breaks its pipes; `close` reports how it ended.
    for (const stream of this.pipes) stream.on('error', () => {});
    this.holdHost(false);
  }

  private onData(chunk: Buffer): void {
    if (this.deaf) return;
    try {
      const messages = this.reader.read(chunk);
      for (let next = messages.next(); !next.done;) {
        const message = next.value;
        // The next message is read before this one is handled, because handling may begin another run.
        next = messages.next();
        const follower = next.done === true ? undefined : next.value.head;
        this.listener.onMessage(message, next.done === true && !this.reader.isWithinMessage, follower);
        if (this.deaf) return;
      }
      if (this.reader.isWithinMessage) this.listener.onPart();
    } catch {
      this.nonsense();
    }
  }

  private onUnsentData(chunk: Buffer): void {
    try {
      for (const message of this.unsentReader.read(chunk)) {
        if (this.deaf) return;
        if (message.head.t !== 'unsent' || message.texts.length !== 1 || this.open-- === 0)
          throw new RangeError('no answer');
        this.listener.onUnsent(message);
      }
    } catch {
      if (!this.deaf) this.nonsense();
    }
  }

  private onErrorOutput(text: string): void {
    this.keepErrorOutput(text);
    if (this.stderrSize > STDERR_MOST && !this.deaf) this.nonsense();
  }

  private keepErrorOutput(text: string): void {
    const room = STDERR_HEAD - this.stderrHead.length;
    this.stderrHead += text.slice(0, room);
    this.stderrTail = (this.stderrTail + text.slice(room)).slice(-STDERR_TAIL);
    this.stderrSize += text.length;
  }

  private nonsense(): void {
    this.kill();
    this.listener.onNonsense();
  }
}
