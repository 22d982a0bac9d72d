/**
 * Port: a place events come from. It hands each to `EventCapture` and never throws into the host.
 */
export abstract class EventSource {
  /** Begins to take events. Called once, when everything behind it is ready. */
  abstract open(): void;

  /** Milliseconds since it was last found that events could not come in; null when that never was. */
  abstract readonly sinceLossMs: number | null;

  /** Takes no more events. A second call does nothing. */
  abstract close(): void;
}
