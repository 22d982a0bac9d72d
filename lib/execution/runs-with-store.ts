import { Injectable } from '@nestjs/common';
import { quoted } from '../common/printable.js';
import {
  ExecutionEventPublisher,
  type ExecutionThatPublished,
  type PublishResult,
} from '../events/execution-event.publisher.js';
import { MetricsRecorder, type StoreRunLabel } from '../metrics/metrics.recorder.js';
import { type CompletedOutcome, type FailedOutcome, type Outcome, ScriptSandbox } from '../sandbox/index.js';
import { ScriptStorageAwayError } from '../scripts/script.errors.js';
import { RunStore } from '../store/run-store.js';
import { StoreReader } from '../store/store.reader.js';
import type { StoreChanges, StoreRefusal } from '../store/store.types.js';
import type { Cancellation } from './cancellation.js';
import type { NewExecution } from './execution.repository.js';
import type { RunTrigger } from './execution.types.js';
import { publicationOf } from './publication.js';
import { RunCommitter, type RunRefused } from './run-committer.js';
import type { RunCommit, RunVerdict } from './run-commits.js';
import { SandboxRuns, type SandboxRunRequest } from './sandbox-runs.js';
import { beforeAnotherLook, type RunTurn, StoreQueues } from './store-queues.js';

/** How many times a run is tried in all, if other runs keep changing its keys, before it fails. */
const MOST_TIMES = 5;
/** Longest wait of a completed run for the runs that have their turn, in milliseconds. */
const OTHERS_WAIT_MS = 5_000;

/** The record of a run in the sandbox. */
export type RunRecord = NewExecution & { trigger: RunTrigger };

/** A run that has ended. */
export interface EndedRun {
  readonly outcome: Outcome;
  /** Set if the run changed its store. Then its record and its published events are already stored. */
  readonly stored: StoredRun | undefined;
}

export const outcomeOf = ({ outcome }: EndedRun): Outcome => outcome;

interface StoredRun {
  readonly record: RunRecord;
  readonly publication: ExecutionThatPublished | undefined;
  readonly published: PublishResult | undefined;
}

/** Why nothing of a run was stored. */
type NotStored = Extract<RunVerdict | RunRefused, { status: 'conflict' | 'refused' | 'unstorable' }>;
type Later = { readonly status: 'later' };

/**
 * Runs scripts until their changes of the store are stored, or they fail. If another run has changed a key that a run
 * has read, the run runs again at once, up to {@link MOST_TIMES} times in all. It then takes a turn: other runs wait
 * before they change that key, so that even a run that reads and writes a busy key can complete.
 */
@Injectable()
export class RunsWithStore {
  constructor(
    private readonly sandbox: ScriptSandbox,
    private readonly runs: SandboxRuns,
    private readonly committer: RunCommitter,
    private readonly reader: StoreReader,
    private readonly queues: StoreQueues,
    private readonly publisher: ExecutionEventPublisher,
    private readonly metrics: MetricsRecorder,
  ) {}

  /**
   * @param recordOf makes the record for an outcome
   * @throws ScriptStorageAwayError if the store can't be read or written now
   */
  async run(
    request: SandboxRunRequest,
    cancellation: Cancellation,
    recordOf: (outcome: Outcome) => RunRecord,
  ): Promise<EndedRun> {
    const { tenantId } = request.event;
    let turn: RunTurn | undefined;
    let stored: StoredRun | undefined;
    let lostKey: string | undefined;
    try {
      for (let times = 1; ; times++) {
        // Made at the first call of the store, because most runs make none.
        let store = undefined as RunStore | undefined;
        const storeOf = (): RunStore => (store ??= this.storeOf(request, cancellation));
        const ran = cancellation.told(await this.runs.run(this.sandbox, request, storeOf));
        if (store?.failure) throw new ScriptStorageAwayError(store.failure.cause);
        const outcome = lostKey === undefined ? ran : noted(ran, lostKey, times - 1);
        const changes = outcome.status === 'completed' ? store?.changes() : undefined;
        if (outcome.status === 'failed' || !changes) return { outcome, stored };
        const verdict = await this.commit(request, outcome, changes, recordOf);
        const isOver = verdict.status !== 'conflict' || times === MOST_TIMES;
        this.metrics.storeRunEnded(isOver ? labelOf(verdict) : 'again');
        if (verdict.status === 'stored') return { outcome, stored: (stored = verdict.stored) };
        if (isOver) return { outcome: refused(outcome, verdict), stored };
        lostKey = verdict.lost.key;
        turn ??= this.queues.of(tenantId, request.executionId, cancellation);
        await turn.take(verdict.lost, outcome.metrics.durationMs);
      }
    } finally {
      turn?.end(stored !== undefined);
    }
  }

  private storeOf({ event, script }: SandboxRunRequest, cancellation: Cancellation): RunStore {
    return new RunStore(this.reader, {
      tenantId: event.tenantId,
      scriptId: script.id,
      onAway: () => cancellation.stop(),
      onCall: (operation, result) => this.metrics.storeCalled(operation, result),
    });
  }

  private async commit(
    { event, script, span }: SandboxRunRequest,
    outcome: CompletedOutcome,
    changes: StoreChanges,
    recordOf: (outcome: Outcome) => RunRecord,
  ): Promise<{ status: 'stored'; stored: StoredRun } | NotStored> {
    const record = recordOf(outcome);
    const publication = publicationOf(record, script.name, event, outcome, span.trace);
    const prepared = publication && (await this.publisher.prepare(publication));
    const verdict = await this.committed({ record, changes, publish: prepared?.store });
    switch (verdict.status) {
      case 'accepted':
        return { status: 'stored', stored: { record, publication, published: await prepared?.route() } };
      // The events that the first completion published are already stored.
      case 'repeated':
        return { status: 'stored', stored: { record, publication: undefined, published: undefined } };
      default:
        return verdict;
    }
  }

  /** Waits for runs that have their turn, but not for long: the result is correct even without their turns. */
  private async committed(run: Omit<RunCommit, 'insists'>): Promise<Exclude<RunVerdict | RunRefused, Later>> {
    const until = performance.now() + OTHERS_WAIT_MS;
    for (;;) {
      const verdict = await this.committer.commit({ ...run, insists: performance.now() >= until });
      if (verdict.status !== 'later') return verdict;
      await beforeAnotherLook();
    }
  }
}

const REFUSAL_LABELS: Record<StoreRefusal, StoreRunLabel> = {
  'over-quota': 'quota',
  'not-a-number': 'not_a_number',
};

const labelOf = (verdict: { status: 'stored' } | NotStored): StoreRunLabel =>
  verdict.status === 'refused' ? REFUSAL_LABELS[verdict.code] : verdict.status;

/** A log line for the record that says why the script ran more than once. */
function noted<Ended extends Outcome>(outcome: Ended, key: string, times: number): Ended {
  const again = times === 1 ? 'Ran again' : `Ran again ${times} times`;
  const message = `${again}, because another run had changed ${quoted(key)} in the store`;
  return { ...outcome, logs: [{ level: 'info', message }, ...outcome.logs] };
}

const REFUSED: Record<StoreRefusal, Pick<FailedOutcome['error'], 'kind' | 'name'>> = {
  'over-quota': { kind: 'rejected', name: 'StoreQuotaError' },
  'not-a-number': { kind: 'runtime', name: 'StoreValueError' },
};

/**
 * The outcome of a script that ran to its end, but whose changes of the store could not be stored. It counts as
 * failed.
 */
function refused({ logs, metrics }: CompletedOutcome, verdict: NotStored): FailedOutcome {
  return { status: 'failed', error: errorOf(verdict), logs, published: [], metrics };
}

function errorOf(verdict: NotStored): FailedOutcome['error'] {
  switch (verdict.status) {
    case 'conflict': {
      const message = `This run ran ${MOST_TIMES} times, and each time another run changed ${quoted(verdict.lost.key)} in the store before it completed, so nothing was changed`;
      return { kind: 'runtime', name: 'StoreConflictError', message };
    }
    case 'refused':
      return { ...REFUSED[verdict.code], message: verdict.message };
    case 'unstorable': {
      const message =
        'The database refused the record of this execution, so its changes of the store were not stored either';
      return { kind: 'rejected', name: 'StoreRecordError', message };
    }
  }
}
