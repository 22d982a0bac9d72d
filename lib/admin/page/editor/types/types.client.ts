import type { EditorView } from '@codemirror/view';
import type { Answers, FromTypes, Question, ScriptText, ToTypes } from './types.messages.js';

/** The state of the compiler; `failed` says why. */
export type TypesState = 'off' | 'loading' | 'ready' | { readonly failed: string };

/** The compiler in a worker. It starts with the first text; after a failure, `start` starts it again. */
export class TypesClient {
  private worker: Worker | undefined;
  private readonly asked = new Map<number, (answer: never) => void>();
  private lastId = 0;
  private told: ScriptText | undefined;
  private current: TypesState = 'off';

  constructor(private readonly onState: (state: TypesState) => void) {}

  get state(): TypesState {
    return this.current;
  }

  /** Sets the text that later questions are about. */
  tell(text: ScriptText): void {
    const { told } = this;
    if (told?.source === text.source && told.language === text.language && told.types === text.types) return;
    this.told = text;
    if (this.current === 'off') this.start();
    else this.send({ kind: 'text', text });
  }

  /** The answer; `undefined` if there is no compiler, or if it failed on the question: then the state says why. */
  ask<Asked extends Question>(question: Asked): Promise<Answers[Asked['about']] | undefined> {
    if (!this.worker) return Promise.resolve(undefined);
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.send({ kind: 'question', id, question });
    });
  }

  /** Starts the worker, or restarts it, with the latest text. */
  start(): void {
    this.stop();
    this.become('loading');
    try {
      const worker = new Worker(workerAddress(), { type: 'module' });
      this.worker = worker;
      worker.addEventListener('message', ({ data }: MessageEvent<FromTypes>) => this.take(data));
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        this.fail(event.message || 'its file could not be loaded');
      });
      if (this.told) this.send({ kind: 'text', text: this.told });
    } catch (error) {
      // The host's Content-Security-Policy forbids workers, or our policy of Trusted Types.
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    for (const resolve of this.asked.values()) resolve(undefined as never);
    this.asked.clear();
  }

  private send(message: ToTypes): void {
    this.worker?.postMessage(message);
  }

  private take(message: FromTypes): void {
    switch (message.kind) {
      case 'ready':
        this.become('ready');
        return;
      case 'broken':
        this.fail(message.message);
        return;
      case 'answer':
        this.resolve(message.id, message.answer);
        if (this.current !== 'ready') this.become('ready');
        return;
      case 'failed':
        this.resolve(message.id, undefined);
        this.become({ failed: message.message });
    }
  }

  private resolve(id: number, answer: unknown): void {
    this.asked.get(id)?.(answer as never);
    this.asked.delete(id);
  }

  private fail(message: string): void {
    this.stop();
    this.become({ failed: message });
  }

  private become(state: TypesState): void {
    this.current = state;
    this.onState(state);
  }
}

/** Tells the compiler the current text and returns it; `undefined` while there is none. */
export type Compiler = (view: EditorView) => TypesClient | undefined;

/** The part of https://w3c.github.io/trusted-types/dist/spec/ that is used here. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL: (url: string) => string };
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** The worker's address, trusted by the only policy of Trusted Types that the page's Content-Security-Policy allows. */
function workerAddress(): string {
  const address = new URL(PAGE_WORKERS['types'] as string, import.meta.url).href;
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return address;
  // Ignores its argument, so that nobody can use the policy to make another address trusted.
  policy ??= trustedTypes.createPolicy('scripts-event', { createScriptURL: () => address });
  return policy.createScriptURL(address);
}
