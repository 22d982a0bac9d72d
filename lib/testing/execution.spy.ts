import { EventEmitter2 } from '@nestjs/event-emitter';
import {
  HOST_EVENTS,
  type ScriptDeadLetterExhausted,
  type ScriptEvent,
  type ScriptExecutionCompleted,
  type ScriptExecutionFailed,
} from '../events/host-events.js';
import { ExecutionWriter } from '../execution/execution.writer.js';
import { type AppReference, serviceOf } from './app-reference.js';
import {
  checkCondition,
  checkNames,
  checkTimeout,
  type ExecutionCondition,
  inWords,
  matches,
  type SpiedExecution,
  summaryOf,
  type SpiedExecutions,
} from './spied-execution.js';
import { WaitTimeoutError } from './testing.errors.js';
import { formatDuration } from '../common/duration-text.js';

/** Default of every `timeoutMs`, shorter than what test runners allow a test that starts an application. */
export const DEFAULT_WAIT_MS = 10_000;

/** How many executions the message about a failed wait shows. */
const SHOWN = 20;

/**
 * Records what scripts do in an application, so that a test waits for states instead of sleeping:
 *
 * ```ts
 * const spy = ExecutionSpy.attach(app);
 * app.get(EventEmitter2).emit('user.created', event);
 * const [execution] = await spy.waitFor({ scriptId, status: 'completed' });
 * ```
 *
 * It records the events that the package emits on the host's `EventEmitter2` after {@link attach}. Detach it, or let it
 * end with the application.
 *
 * @publicApi
 */
export class ExecutionSpy {
  private readonly ended: SpiedExecution[] = [];
  private readonly published: ScriptEvent[] = [];
  private readonly given: ScriptDeadLetterExhausted[] = [];
  private readonly waiters = new Set<() => void>();
  private attached = true;

  /** Attaches to an application that has been compiled or created, before or after its `init()`. */
  static attach(app: AppReference): ExecutionSpy {
    return new ExecutionSpy(serviceOf(app, EventEmitter2), serviceOf(app, ExecutionWriter));
  }

  private constructor(
    private readonly emitter: EventEmitter2,
    private readonly records: ExecutionWriter,
  ) {
    emitter.on(HOST_EVENTS.executionCompleted, this.onCompleted);
    emitter.on(HOST_EVENTS.executionFailed, this.onFailed);
    emitter.on(HOST_EVENTS.scriptEvent, this.onScriptEvent);
    emitter.on(HOST_EVENTS.deadLetterExhausted, this.onExhausted);
  }

  /** Executions that ended, in the order in which they ended. */
  get executions(): readonly SpiedExecution[] {
    return [...this.ended];
  }

  /** Events that scripts published, oldest first. */
  get scriptEvents(): readonly ScriptEvent[] {
    return [...this.published];
  }

  /** Dead letters that are no longer retried, oldest first. */
  get exhausted(): readonly ScriptDeadLetterExhausted[] {
    return [...this.given];
  }

  /**
   * Resolves with the matching executions as soon as there are `count` of them, including those that ended before the
   * call. Their records are stored by then: `ExecutionService.get` finds them.
   *
   * @param timeoutMs default 10,000
   * @throws WaitConditionError for an invalid condition
   * @throws WaitTimeoutError if it takes longer, with what ended instead; also if the spy is detached
   */
  async waitFor<Status extends SpiedExecution['status'] = SpiedExecution['status']>(
    condition: ExecutionCondition & { status?: Status } = {},
    timeoutMs = DEFAULT_WAIT_MS,
  ): Promise<SpiedExecutions<Status>> {
    checkCondition(condition);
    checkTimeout(timeoutMs);
    const deadline = performance.now() + timeoutMs;
    const what = inWords(condition);
    const found = await this.wait(what, timeoutMs, () => {
      const all = this.ended.filter((execution) => matches(execution, condition));
      return all.length >= (condition.count ?? 1) ? all : undefined;
    });
    if (!(await this.records.flush(Math.max(1, deadline - performance.now())))) {
      throw new WaitTimeoutError(
        `${what} ended, but their records were not stored within ${formatDuration(timeoutMs)}.`,
      );
    }
    return found as SpiedExecutions<Status>;
  }

  /**
   * Resolves with the first event of this type that a script published.
   *
   * @param timeoutMs default 10,000
   * @throws WaitTimeoutError @throws WaitConditionError
   */
  async waitForScriptEvent(type: string, timeoutMs = DEFAULT_WAIT_MS): Promise<ScriptEvent> {
    checkTimeout(timeoutMs);
    return this.wait(`a script event of type ${type}`, timeoutMs, () =>
      this.published.find((event) => event.type === type),
    );
  }

  /**
   * Resolves with the first dead letter that is exhausted, of this script or of any.
   *
   * @param timeoutMs default 10,000
   * @throws WaitTimeoutError @throws WaitConditionError
   */
  async waitForExhausted(
    condition: { scriptId?: string } = {},
    timeoutMs = DEFAULT_WAIT_MS,
  ): Promise<ScriptDeadLetterExhausted> {
    checkNames(condition, ['scriptId']);
    checkTimeout(timeoutMs);
    const { scriptId } = condition;
    const what = `an exhausted dead letter${scriptId === undefined ? '' : ` of script ${scriptId}`}`;
    return this.wait(what, timeoutMs, () =>
      this.given.find((letter) => scriptId === undefined || letter.scriptId === scriptId),
    );
  }

  /** Forgets everything recorded so far and keeps recording. */
  clear(): void {
    for (const list of [this.ended, this.published, this.given]) list.length = 0;
  }

  /**
   * Stops recording. Recorded events stay; pending waits reject with a `WaitTimeoutError`. A second call does nothing.
   */
  detach(): void {
    this.attached = false;
    this.emitter.off(HOST_EVENTS.executionCompleted, this.onCompleted);
    this.emitter.off(HOST_EVENTS.executionFailed, this.onFailed);
    this.emitter.off(HOST_EVENTS.scriptEvent, this.onScriptEvent);
    this.emitter.off(HOST_EVENTS.deadLetterExhausted, this.onExhausted);
    this.wake();
  }

  private readonly onCompleted = (ended: ScriptExecutionCompleted): void => {
    this.ended.push({ status: 'completed', ...ended });
    this.wake();
  };

  private readonly onFailed = (ended: ScriptExecutionFailed): void => {
    this.ended.push({ status: 'failed', ...ended });
    this.wake();
  };

  private readonly onScriptEvent = (event: ScriptEvent): void => {
    this.published.push(event);
    this.wake();
  };

  private readonly onExhausted = (letter: ScriptDeadLetterExhausted): void => {
    this.given.push(letter);
    this.wake();
  };

  private wake(): void {
    for (const check of this.waiters) check();
  }

  private wait<T>(what: string, timeoutMs: number, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.waiters.delete(check);
        settle();
      };
      const fail = (why: string): void =>
        finish(() => reject(new WaitTimeoutError(`${why} waiting for ${what}. ${this.seen()}`)));
      const check = (): void => {
        const found = find();
        if (found !== undefined) finish(() => resolve(found));
        else if (!this.attached) fail("The spy is detached and can't wait");
      };
      const timer = setTimeout(() => fail(`Timed out after ${formatDuration(timeoutMs)}`), timeoutMs);
      this.waiters.add(check);
      check();
    });
  }

  private seen(): string {
    if (this.ended.length === 0) {
      return 'No execution ended. Check that the script is active, that its filter matches, and that the event has a tenantId.';
    }
    const lines = this.ended.slice(-SHOWN).map((execution) => `\n  ${summaryOf(execution)}`);
    const left = this.ended.length - lines.length;
    return `Executions that ended:${left > 0 ? ` (${left} earlier ones left out)` : ''}${lines.join('')}`;
  }
}
