import { PrintableLogger } from '../common/printable-logger.js';
import type { Clock } from '../common/clock.js';
import { messageOf } from '../common/errors.js';
import { lineAbout, type LogSubject } from '../common/log-line.js';
import { type NameOfScript, scriptsInWords } from '../common/script-in-words.js';
import { ThrottledLog } from '../common/throttled-log.js';
import type { NewDeadLetter } from '../dead-letter/dead-letter.types.js';
import type { HeldLimit } from '../dead-letter/dead-letter.writer.js';
import type { MetricsRecorder } from '../metrics/metrics.recorder.js';
import type { ScriptHealthRepository } from './script-health.repository.js';

/**
 * Counts and logs the events that are lost because `max` dead letters already wait for a disabled script, and shows
 * their number in the script's health.
 */
export class VisibleHeldLimit implements HeldLimit {
  private readonly log: ThrottledLog;

  constructor(
    readonly max: number,
    private readonly health: ScriptHealthRepository,
    private readonly metrics: MetricsRecorder,
    clock: Clock,
    private readonly nameOf: NameOfScript,
  ) {
    this.log = new ThrottledLog(new PrintableLogger('ScriptBreaker'), clock);
  }

  noRoom(deadLetters: readonly NewDeadLetter[]): void {
    this.metrics.eventDropped('held', deadLetters.length);
    const counts = new Map<string, number>();
    for (const { scriptId } of deadLetters) counts.set(scriptId, (counts.get(scriptId) ?? 0) + 1);
    const scripts = scriptsInWords(
      [...counts.keys()].map((scriptId) => ({ scriptId, scriptName: this.nameOf(scriptId) })),
    );
    const [first] = deadLetters;
    const subject: LogSubject =
      first && counts.size === 1
        ? { tenantId: first.tenantId, scriptId: first.scriptId, scriptName: this.nameOf(first.scriptId) }
        : {};
    this.log.warn(
      'held',
      lineAbout(subject, (ids) => {
        const which = subject.scriptId ? ids.script : scripts;
        return `Events are lost: ${this.max} are already held for a disabled script (${which}). Resume the script, or raise breaker.maxHeld.`;
      }),
    );
    this.health.addNoRoom(counts).catch((error: unknown) => {
      this.log.warn(
        'count',
        lineAbout(
          subject,
          () => `The number of lost events could not be added to the script's health: ${messageOf(error)}`,
        ),
      );
    });
  }
}
