/**
 * Port: what is known of the application's event types. That a type is well formed, and not one of the package's own, is
 * checked before it is asked.
 */
export abstract class EventTypeNames {
  /** Why a script cannot listen to the type, in words that say what to write instead; null when it can. */
  abstract problemOf(eventType: string): string | null;
}

/** Lets every well-formed type through: scripts publish types that nobody has to declare. */
export class OpenEventTypeNames extends EventTypeNames {
  problemOf(): null {
    return null;
  }
}
