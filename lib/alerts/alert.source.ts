import type { LineWords, LogSubject } from '../common/log-line.js';
import type { DeadLetterAttempt } from '../entities/index.js';
import { type AlertChannel, alertOf } from './alert.channel.js';
import type {
  AlertRequest,
  DeadLetterQueueRepository,
} from '../dead-letter/store/dead-letter-queue.repository.js';
import type { AlertOutcome } from '../dead-letter/dead-letter.types.js';

/** An alert that a dispatcher has claimed, until its lease ends. */
export interface WaitingAlert {
  /** What the alert is about. `subject` says it in words for a log line: `dead letter 0198…`. */
  readonly about: LogSubject;
  readonly subject: (ids: LineWords) => string;
  /** Previous attempts. */
  readonly attempts: readonly DeadLetterAttempt[];
  sendTo(channel: AlertChannel): Promise<void>;
  /** Ends the claim and adds `history` to the attempts. */
  settle(outcome: AlertOutcome, history: Omit<DeadLetterAttempt, 'at'>[]): Promise<void>;
}

/** A source of waiting alerts. A claimed alert belongs to nobody else until the lease ends. */
export interface AlertSource {
  claim(request: AlertRequest): Promise<WaitingAlert[]>;
}

/** Alerts about exhausted dead letters. */
export const deadLetterAlerts = (repository: DeadLetterQueueRepository): AlertSource => ({
  claim: async (request) =>
    (await repository.claimAlerts(request)).map((claim) => {
      const { id: deadLetterId, tenantId, scriptId, scriptVersion, eventId, attempts } = claim.deadLetter;
      const { scriptName } = claim;
      return {
        about: { tenantId, scriptId, scriptName, scriptVersion, eventId, deadLetterId },
        subject: ({ deadLetter, script }) => `dead letter${deadLetter} of script ${script}`,
        attempts,
        sendTo: (channel) => channel.send(alertOf(claim), claim.deadLetter),
        settle: (outcome, history) =>
          repository.settleAlert({ id: deadLetterId, token: claim.token }, outcome, history),
      };
    }),
});
