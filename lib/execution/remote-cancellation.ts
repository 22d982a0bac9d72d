import { randomUUID } from 'node:crypto';
import { isId } from '../common/id.js';
import { isUuid } from '../common/page.js';
import type { NodeMessages } from '../nodes/node-messages.js';
import { CancelUnconfirmedError } from './execution.errors.js';
import type { RunningExecutions } from './running-executions.js';

/** How long to wait for an answer, in milliseconds. Processes answer at once, even while they run scripts. */
const ANSWER_MS = 2_000;
/** How many requests of this process may wait for an answer: of one tenant, and of all tenants. */
const MOST_OF_TENANT = 10;
const MOST_WAITING = 200;

const REQUEST = 'cancel';
const ANSWER = 'cancelled';

/**
 * Cancels executions that run in other processes, and those of this process at the request of others. Only the process
 * that runs an execution with this id for this tenant answers. So for the caller, an execution of another tenant looks
 * like one that doesn't run.
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
   * @throws CancelUnconfirmedError if this process can't receive answers
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
          'the other processes were asked, but this process has no connection to receive their answers',
        );
      return await answer.heard;
    } finally {
      answer.end();
    }
  }

  private waitingOf(tenantId: string): number {
    return [...this.waiting.values()].filter((one) => one.tenantId === tenantId).length;
  }

  /** Starts to wait before the request is sent, so that no answer is missed. */
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
    // If the answer is lost, the caller still sees the record.
    void this.messages.send(ANSWER, { request }).catch(() => undefined);
  }
}
