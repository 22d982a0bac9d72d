import { printable } from '../common/printable.js';
import { PLAIN, scriptInWords, type Wording } from '../common/script-in-words.js';
import type { ScriptDeadLetterExhausted, ScriptHealthChanged } from '../events/host-events.js';
import type { ClaimedAlert, DeadLetterEntry } from '../dead-letter/dead-letter.types.js';

/**
 * What is told of a dead letter that is exhausted. No value of the event's payload; the error's message is the script's
 * own and may repeat one. Name and error are one printable line each; the dead letter has the error as it is.
 *
 * @publicApi
 */
export interface DeadLetterAlert extends ScriptDeadLetterExhausted {
  /** `null` when the script is gone. */
  scriptName: string | null;
  /** The version that failed; `null` when nothing ran. */
  scriptVersion: number | null;
  /** When the event happened, ISO 8601 in UTC. */
  occurredAt: string;
  /** When it was given up, ISO 8601 in UTC. */
  exhaustedAt: string;
  /** Dead letters of the script that this alert tells of: this one, and those that waited with it. At least 1. */
  count: number;
  /** Queued events that this dead letter stands for: 1, or what was stopped of a loop, or all scripts that were undecided. */
  eventCount: number;
}

/**
 * What is told of a script that is degraded, disabled, or runs again.
 *
 * @publicApi
 */
export type ScriptAlert = ScriptHealthChanged;

/**
 * Port: somebody who hears of exhausted dead letters and of scripts that are degraded or disabled, such
 * as a pager or a chat. Hosts bring their own by the option `alerts.channel`; the log line and the emitter event come in
 * any case.
 *
 * An alert is told to each channel once over all processes. What a script leaves behind within an interval, the option
 * `alerts.interval`, comes in one alert with a count, and tenants take turns. Only a process that dies between the sending and the note
 * about it makes a repetition; `deadLetterId`, or `scriptId` with `change`, tells it.
 *
 * @publicApi
 */
export abstract class AlertChannel {
  /** Kept with the entry to tell which channels know of it; unique among the channels of an application. Default the class's. */
  get name(): string {
    return this.constructor.name;
  }

  /**
   * Tells one. A rejection is tried again later, up to a bound; other channels do not notice.
   *
   * @param deadLetter the whole entry with its payload: the tenant's data, to be passed on only on purpose
   */
  abstract send(alert: DeadLetterAlert, deadLetter: DeadLetterEntry): Promise<void>;

  /** Tells of a script, in the same way as {@link send}. Does nothing unless a channel says otherwise. */
  async sendScriptAlert(_alert: ScriptAlert): Promise<void> {}
}

/** @internal */
export const alertOf = ({ deadLetter, scriptName }: ClaimedAlert): DeadLetterAlert => ({
  deadLetterId: deadLetter.id,
  tenantId: deadLetter.tenantId,
  scriptId: deadLetter.scriptId,
  scriptName: scriptName === null ? null : printable(scriptName),
  scriptVersion: deadLetter.scriptVersion,
  eventId: deadLetter.eventId,
  eventType: deadLetter.eventType,
  reason: deadLetter.reason,
  errorKind: deadLetter.errorKind,
  error: printable(deadLetter.error),
  retryCount: deadLetter.retryCount,
  maxRetries: deadLetter.maxRetries,
  occurredAt: deadLetter.occurredAt.toISOString(),
  createdAt: deadLetter.createdAt.toISOString(),
  exhaustedAt: deadLetter.updatedAt.toISOString(),
  count: deadLetter.alertCount ?? 1,
  eventCount: deadLetter.eventCount,
});

/** One line for people. */
export function alertText(alert: DeadLetterAlert, wording: Wording = PLAIN): string {
  const { text } = wording;
  const tried = alert.retryCount === 0 ? 'without a retry' : `after ${alert.retryCount} retries`;
  const why = alert.errorKind ?? alert.reason;
  return `Script ${scriptInWords(alert, wording)} gave up on ${text(alert.eventType)} ${tried}${more(alert)}: ${why}: ${text(alert.error)}`;
}

function more({ count, eventCount, reason }: DeadLetterAlert): string {
  const many =
    reason === 'undecided' ? `, as did ${eventCount - 1} more of its scripts` : ` (${eventCount} events)`;
  const stopped = eventCount > 1 ? many : '';
  return count > 1 ? `${stopped}, and on ${count - 1} more` : stopped;
}

/** The same for a script. */
export function scriptAlertText(alert: ScriptAlert, wording: Wording = PLAIN): string {
  const { state, by, reason } = alert;
  const { text } = wording;
  const what = {
    degraded: 'is degraded: it now runs one event at a time',
    disabled: 'is disabled: its events are held as dead letters',
    resumed: 'runs normally again',
  }[state];
  const why = reason === null ? '' : `: ${text(reason)}`;
  return `Script ${scriptInWords(alert, wording)} ${what}${by === null ? '' : ` (by ${text(by)})`}${why}`;
}
