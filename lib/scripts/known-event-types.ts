/** What is known about an event type. */
export interface KnownEventType {
  readonly type: string;
  /** Fields of its payload; null if they are not known. */
  readonly fields: readonly string[] | null;
}

/** Port: the event types of the application. Scripts may publish further ones. */
export abstract class KnownEventTypes {
  abstract get(type: string): KnownEventType | undefined;
  abstract definitions(): readonly KnownEventType[];
}
