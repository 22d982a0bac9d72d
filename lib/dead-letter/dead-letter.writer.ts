import type { QueuedEvent } from '../buffer/queued-event.js';
import { RecordingWriter, type WriterBounds } from '../common/recording-writer.js';
import type { NameOfScript } from '../common/script-in-words.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { DeadLetterQueueRepository } from './store/dead-letter-queue.repository.js';
import type { NewDeadLetter } from './dead-letter.types.js';
import { LoopLetters } from './store/loop-letters.js';
import { type DeadLetterFailure, deadLetterIdOf, newDeadLetter } from './new-dead-letter.js';
import type { RetryStrategy } from './retry/retry.strategy.js';

/** Approximate memory of an entry's fields of fixed size, in bytes. */
const BASE_BYTES = 1024;
/** A script's id as text. */
const SCRIPT_ID_BYTES = 64;

/** Is told that an exhausted dead letter has been stored. The alert dispatcher implements it. */
export interface ExhaustionListener {
  /** Must return quickly and not throw. */
  poke(): void;
}

/** How many dead letters may wait for a disabled script. */
export interface HeldLimit {
  max: number;
  /** Called with the dead letters that exceed the limit and are lost. Must not throw. */
  noRoom(deadLetters: readonly NewDeadLetter[]): void;
}

/**
 * Stores new dead letters in batches. Losing a dead letter that can't be stored is the only way to lose an event: it is
 * counted as dropped for `storage` and logged with everything but its payload.
 */
export class DeadLetterWriter extends RecordingWriter<NewDeadLetter> {
  private readonly loops = new LoopLetters((deadLetter) => this.add(deadLetter));

  constructor(
    repository: DeadLetterQueueRepository,
    metrics: MetricsRecorder,
    private readonly strategy: RetryStrategy,
    private readonly exhaustion?: ExhaustionListener,
    bounds: WriterBounds = {},
    held?: HeldLimit,
    nameOf?: NameOfScript,
  ) {
    super(
      {
        name: 'dead letters',
        write: (deadLetters) => store(deadLetters, repository, held),
        sizeOf: ({ payload, error, otherScriptIds = [] }) =>
          BASE_BYTES + 2 * (payload.length + 2 * error.length) + SCRIPT_ID_BYTES * otherScriptIds.length,
        tenantOf: ({ tenantId }) => tenantId,
        eventsOf: ({ eventCount = 1 }) => eventCount,
        describe: (deadLetter) => describeDeadLetter(deadLetter, nameOf),
      },
      metrics,
      bounds,
    );
  }

  /** Makes a dead letter of a queued event and stores it. Resolves and rejects like {@link add}. */
  keep(event: QueuedEvent, failure: DeadLetterFailure): Promise<void> {
    return this.keepAs(event, failure);
  }

  /** {@link keep} for a queued event that may be delivered again: it gets one dead letter, however often it fails. */
  keepOnce(event: QueuedEvent, failure: DeadLetterFailure): Promise<void> {
    return this.keepAs(event, failure, deadLetterIdOf(event));
  }

  override async catchUp(stallMs: number, mayGoOn?: () => boolean): Promise<boolean> {
    while (await super.catchUp(stallMs, mayGoOn)) if (this.loops.size === 0) return true;
    return false;
  }

  private keepAs(event: QueuedEvent, failure: DeadLetterFailure, id?: string): Promise<void> {
    const make = (): NewDeadLetter => newDeadLetter(event, failure, this.strategy, Math.random, id);
    if (failure.reason !== 'loop') return this.add(make());
    return this.loops.keep(event.tenantId, event.scriptId, event.cause.rootEventId, make);
  }

  override add(deadLetter: NewDeadLetter): Promise<void> {
    const stored = super.add(deadLetter);
    if (deadLetter.status === 'exhausted') {
      // Entries that could not be stored have been logged by then.
      stored.then(
        () => this.exhaustion?.poke(),
        () => undefined,
      );
    }
    return stored;
  }
}

/**
 * Stores all dead letters except held ones for a script that already has enough. Processes that write at the same
 * moment may each exceed the limit by one batch.
 */
async function store(
  deadLetters: readonly NewDeadLetter[],
  repository: DeadLetterQueueRepository,
  limit: HeldLimit | undefined,
): Promise<void> {
  const scripts = new Set(deadLetters.filter(isHeld).map(({ scriptId }) => scriptId));
  if (!limit || scripts.size === 0) return repository.add(deadLetters);
  const waiting = await repository.countPending([...scripts], limit.max);
  const hasRoom = (deadLetter: NewDeadLetter): boolean => {
    if (!isHeld(deadLetter)) return true;
    const before = waiting.get(deadLetter.scriptId) ?? 0;
    waiting.set(deadLetter.scriptId, before + 1);
    return before < limit.max;
  };
  const room = new Set(deadLetters.filter(hasRoom));
  await repository.add([...room]);
  // Reported last, because a failed write is repeated and a lost entry must count once.
  const noRoom = deadLetters.filter((deadLetter) => !room.has(deadLetter));
  if (noRoom.length > 0) limit.noRoom(noRoom);
}

const isHeld = ({ reason }: NewDeadLetter): boolean => reason === 'held';

/** Leaves out the payload, error texts, which may repeat it, and lists of scripts, which are only counted. */
function describeDeadLetter(deadLetter: NewDeadLetter, nameOf?: NameOfScript) {
  const { payload, attempts, error: _error, note: _note, otherScriptIds: _others, ...rest } = deadLetter;
  const { tenantId, scriptId, scriptVersion, eventId, id: deadLetterId, ...details } = rest;
  return {
    about: { tenantId, scriptId, scriptName: nameOf?.(scriptId), scriptVersion, eventId, deadLetterId },
    details: { ...details, payloadCharacters: payload.length, attempts: attempts.length },
  };
}
