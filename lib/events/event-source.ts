/**
 * Port: a place events come from. It hands each to `EventCapture` and never throws into the host.
 */
export abstract class EventSource {
  /** Begins to take events. Called once, when everything behind it is ready. */
  abstract open(): void;

  /** Takes no more events. A second call does nothing. */
  abstract close(): void;
}
