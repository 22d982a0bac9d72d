import { EventEmitter2 } from '@nestjs/event-emitter';
import type { DataSource } from 'typeorm';
import { ScriptBreaker } from '../../../lib/breaker/script-breaker.js';
import { ScriptHealthService } from '../../../lib/breaker/script-health.service.js';
import { TypeOrmScriptHealthRepository } from '../../../lib/breaker/typeorm-script-health.repository.js';
import { SystemClock } from '../../../lib/common/clock.js';
import { AlertChannel, type ScriptAlert } from '../../../lib/alerts/alert.channel.js';
import { AlertDispatcher } from '../../../lib/alerts/alert.dispatcher.js';
import { EmitterAlertChannel } from '../../../lib/alerts/channels/built-in-alert.channels.js';
import type { RetryWorker } from '../../../lib/dead-letter/retry/retry.worker.js';
import { TypeOrmDeadLetterQueueRepository } from '../../../lib/dead-letter/store/typeorm-dead-letter-queue.repository.js';
import { HostEventEmitter } from '../../../lib/events/host-event.emitter.js';
import type { BreakerStateLabel } from '../../../lib/metrics/metrics.recorder.js';
import type { BreakerOptions } from '../../../lib/options/breaker.options.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { FailureKind } from '../../../lib/sandbox/index.js';
import { RecordedMetrics } from '../../support/recorded-metrics.js';
import { type ScriptServices, scriptServices } from '../../support/script-services.js';
import { waitFor } from '../../support/wait-for.js';

/** Records alerts about scripts. Fails while `broken`. */
export class Pager extends AlertChannel {
  readonly told: ScriptAlert[] = [];
  broken = false;

  async send(): Promise<void> {}

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    if (this.broken) throw new Error('the pager is down');
    this.told.push(alert);
  }
}

class BreakerMoves extends RecordedMetrics {
  readonly moves: BreakerStateLabel[] = [];

  override breakerMoved(state?: BreakerStateLabel): void {
    if (state) this.moves.push(state);
  }
}

const nodes: BreakerNode[] = [];

/** The parts of one process that the breaker needs, on their own connection. */
export class BreakerNode {
  readonly scripts: ScriptServices;
  readonly health: TypeOrmScriptHealthRepository;
  readonly deadLetters: TypeOrmDeadLetterQueueRepository;
  readonly emitter = new EventEmitter2();
  readonly metrics = new BreakerMoves();
  readonly alerts: AlertDispatcher;
  readonly breaker: ScriptBreaker;
  readonly service: ScriptHealthService;

  constructor(
    dataSource: DataSource,
    readonly pager: Pager,
    options: Partial<BreakerOptions> = {},
  ) {
    this.scripts = scriptServices(dataSource);
    this.health = new TypeOrmScriptHealthRepository(dataSource, 1_000);
    this.deadLetters = new TypeOrmDeadLetterQueueRepository(dataSource);
    const channels = [new EmitterAlertChannel(new HostEventEmitter(this.emitter)), pager];
    this.alerts = new AlertDispatcher(this.deadLetters, channels, { retryDelayMs: 0 }, [this.health]);
    const { repository, index, sync, service } = this.scripts;
    this.breaker = new ScriptBreaker(
      this.health,
      repository,
      index,
      sync,
      this.alerts,
      this.metrics,
      new SystemClock(),
      resolveOptions({ breaker: options }, {}),
    );
    const retries = { poke: () => undefined } as unknown as RetryWorker;
    this.service = new ScriptHealthService(this.health, service, this.deadLetters, retries, this.metrics);
    nodes.push(this);
  }

  /** Reports that an execution of the script has ended: completed, or failed with an error kind that ends its process. */
  run(
    scriptId: string,
    failure: FailureKind | null = null,
    part: { version?: number; processLost?: boolean } = {},
  ): void {
    const { version = 1, processLost = failure === 'crashed' || failure === 'memory' } = part;
    const error = failure && { kind: failure, message: `it was ${failure}`, processLost };
    const executionId = crypto.randomUUID();
    this.breaker.ended({ executionId, tenantId: 'acme', scriptId, version, trigger: 'event', error });
  }

  /** Waits until all executions of this node are counted, and sends alerts. */
  async settle(): Promise<void> {
    await waitFor('the breaker has reported', () => this.breaker.flush(1_000));
    await this.alerts.dispatch();
  }
}

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.breaker.stop(1_000)));
});
