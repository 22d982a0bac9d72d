import { randomUUID } from 'node:crypto';
import { isUuid } from '../common/page.js';
import type { NodeMessages } from '../nodes/node-messages.js';
import { CancelUnconfirmedError } from './execution.errors.js';
import type { RunningExecutions } from './running-executions.js';

/** Milliseconds that a process may take to answer: it answers at once, whatever it runs. */
const ANSWER_MS = 2_000;
/** Requests of this process that wait for their answers, of one tenant and of all. */
const MOST_OF_TENANT = 10;
const MOST_WAITING = 200;
/** Characters of a tenant's id or a person's. */
const LONGEST_ID = 200;

const REQUEST = 'cancel';
const ANSWER = 'cancelled';

/**
 * Cancels executions that other processes run, and those of this one that others ask for. Only the process that runs an
 * execution of this id for this tenant answers; so what nobody runs and what belongs to somebody else look alike.
 */
export class RemoteCancellation {
  private readonly waiting = new Map<string, { tenantId: string; answer: (cancelled: boolean) => void }>();

  constructor(
    private readonly messages: NodeMessages,
    private readonly running: RunningExecutions,
  ) {
    messages.on(REQUEST, (body) => this.asked(body));
    messages.on(ANSWER, ({ request }) => this.waiting.get(String(request))?.answer(true));
  }

  /**
   * Whether a process has cancelled the execution.
   *
   * @throws CancelUnconfirmedError when nobody's answer can be heard
   */
  async cancel(tenantId: string, executionId: string, by: string): Promise<boolean> {
    if (this.waiting.size >= MOST_WAITING || this.waitingOf(tenantId) >= MOST_OF_TENANT)
      throw new CancelUnconfirmedError(executionId, 'too many requests wait for an answer');
    const request = randomUUID();
    const answer = this.answerTo(request, tenantId);
    try {
      await this.messages.send(REQUEST, { request, tenantId, executionId, by });
      if (!this.messages.listening)
        throw new CancelUnconfirmedError(
          executionId,
          'the other processes were asked, but this one has no connection on which it hears them',
        );
      return await answer.heard;
    } finally {
      answer.end();
    }
  }

  private waitingOf(tenantId: string): number {
    return [...this.waiting.values()].filter((one) => one.tenantId === tenantId).length;
  }

  /** Waits from before the request is sent, so that no answer is missed. */
  private answerTo(request: string, tenantId: string): { heard: Promise<boolean>; end: () => void } {
    let timer: NodeJS.Timeout | undefined;
    const heard = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS, false);
      this.waiting.set(request, { tenantId, answer: resolve });
    });
    const end = (): void => {
      clearTimeout(timer);
      this.waiting.delete(request);
    };
    return { heard, end };
  }

  private asked({ request, tenantId, executionId, by }: Readonly<Record<string, unknown>>): void {
    if (!isUuid(request) || !isUuid(executionId) || !isId(tenantId) || !isId(by)) return;
    if (!this.running.cancel(tenantId, executionId, by)) return;
    // Who asked sees the record in any case.
    void this.messages.send(ANSWER, { request }).catch(() => undefined);
  }
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_ID;
