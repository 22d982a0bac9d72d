import { scriptInWords } from '../common/script-in-words.js';
import type { DeadLetterAttempt } from '../entities/index.js';
import { type AlertChannel, alertOf } from './alert.channel.js';
import type {
  AlertRequest,
  DeadLetterQueueRepository,
} from '../dead-letter/store/dead-letter-queue.repository.js';
import type { AlertOutcome } from '../dead-letter/dead-letter.types.js';

/** An alert that a dispatcher has claimed, until its lease ends. */
export interface WaitingAlert {
  /** What the alert is about, for log lines: `dead letter 0198…`. */
  readonly subject: string;
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
      const { id, scriptId, attempts } = claim.deadLetter;
      const { scriptName } = claim;
      return {
        subject: `dead letter ${id} of script ${scriptInWords({ scriptId, scriptName })}`,
        attempts,
        sendTo: (channel) => channel.send(alertOf(claim), claim.deadLetter),
        settle: (outcome, history) => repository.settleAlert({ id, token: claim.token }, outcome, history),
      };
    }),
});
