import { printable } from '../common/printable.js';
import { PLAIN, scriptInWords, type Wording } from '../common/script-in-words.js';
import type { ScriptDeadLetterExhausted, ScriptHealthChanged } from '../events/host-events.js';
import type { ClaimedAlert, DeadLetterEntry } from '../dead-letter/dead-letter.types.js';

/**
 * An alert about an exhausted dead letter. It contains no values of the event's payload, but the error's message comes
 * from the script and may repeat some. Name and error are one printable line each; the dead letter has the unchanged
 * error.
 *
 * @publicApi
 */
export interface DeadLetterAlert extends ScriptDeadLetterExhausted {
  /** `null` if the script was deleted. */
  scriptName: string | null;
  /** The version that failed; `null` when nothing ran. */
  scriptVersion: number | null;
  /** When the event happened, ISO 8601 in UTC. */
  occurredAt: string;
  /** When the dead letter became exhausted, ISO 8601 in UTC. */
  exhaustedAt: string;
  /** How many dead letters of the script this alert reports: this one and those that waited with it. At least 1. */
  count: number;
  /**
   * How many queued events this dead letter stands for: 1, or the stopped events of a loop, or the number of undecided
   * scripts.
   */
  eventCount: number;
}

/**
 * An alert about a script that was degraded or disabled, or that resumed.
 *
 * @publicApi
 */
export type ScriptAlert = ScriptHealthChanged;

/**
 * Port: receives alerts about exhausted dead letters and about scripts that are degraded or disabled, and passes them
 * to a pager or a chat. Hosts set their own with the option `alerts.channel`; the log line and the emitter event
 * remain.
 *
 * Each channel gets an alert once, across all processes. Dead letters of one script within `alerts.interval` are one
 * alert with their number, and tenants take turns. An alert is repeated only if a process dies between sending and
 * recording it; recognise a repetition by `deadLetterId`, or by `scriptId` with `change`.
 *
 * @publicApi
 */
export abstract class AlertChannel {
  /**
   * Stored with the dead letter to record which channels have its alert. Unique among an application's channels.
   * Default: the name of the class.
   */
  get name(): string {
    return this.constructor.name;
  }

  /**
   * Sends an alert. If it rejects, it is called again later, up to ten times; other channels are not affected.
   *
   * @param deadLetter the whole dead letter with its payload: the tenant's data, so pass it on only on purpose
   */
  abstract send(alert: DeadLetterAlert, deadLetter: DeadLetterEntry): Promise<void>;

  /** Sends an alert about a script, in the same way as {@link send}. By default it does nothing. */
  async sendScriptAlert(_alert: ScriptAlert): Promise<void> {}
}

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

/**
 * The alert as one line for people.
 *
 * @param named the script and its tenant
 */
export function alertText(
  alert: DeadLetterAlert,
  wording: Wording = PLAIN,
  named = scriptInWords(alert, wording),
): string {
  const { text } = wording;
  const tried = alert.retryCount === 0 ? 'without a retry' : `after ${alert.retryCount} retries`;
  const why = alert.errorKind ?? alert.reason;
  return `Script ${named} gave up on ${text(alert.eventType)} ${tried}${more(alert)}: ${why}: ${text(alert.error)}`;
}

function more({ count, eventCount, reason }: DeadLetterAlert): string {
  const many =
    reason === 'undecided' ? `, as did ${eventCount - 1} more of its scripts` : ` (${eventCount} events)`;
  const stopped = eventCount > 1 ? many : '';
  return count > 1 ? `${stopped}, and on ${count - 1} more` : stopped;
}

/** An alert about a script as one line for people. */
export function scriptAlertText(
  alert: ScriptAlert,
  wording: Wording = PLAIN,
  named = scriptInWords(alert, wording),
): string {
  const { state, by, reason } = alert;
  const { text } = wording;
  const what = {
    degraded: 'is degraded: it now runs one event at a time',
    disabled: 'is disabled: its events are held as dead letters',
    resumed: 'runs normally again',
  }[state];
  const why = reason === null ? '' : `: ${text(reason)}`;
  return `Script ${named} ${what}${by === null ? '' : ` (by ${text(by)})`}${why}`;
}
