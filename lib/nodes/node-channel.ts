/** Who keeps the channel open. None of these may throw. */
export interface NodeChannelListener {
  /** Something was said, by whatever process, or by the database itself: the id of a script that has changed. */
  heard(text: string): void;
  /** What is said is heard from now on; what was said before may have been missed. */
  connected(): void;
  /** Nothing is heard for now. It is tried again by itself. */
  disconnected(error: unknown): void;
}

/** The longest text, in bytes: PostgreSQL takes less than 8,000. */
export const MOST_TEXT_BYTES = 7_900;

/**
 * Port: short texts between all processes of the application, through their database. What is said is heard at once or not at
 * all: a process that is not connected misses it. Anybody with the database may say something, so what is heard proves nothing.
 */
export abstract class NodeChannel {
  /** Begins to listen. The returned function ends it and leaves no connection and no timer. */
  abstract open(listener: NodeChannelListener): () => Promise<void>;

  /** Hears what is said whenever somebody has opened the channel. Must not throw. */
  abstract hear(heard: (text: string) => void): void;

  /** Whether this process hears what others say now. */
  abstract readonly listening: boolean;

  /** Says texts to every process that listens, this one among them. Rejects when the database is unavailable. */
  abstract say(texts: readonly string[]): Promise<void>;
}
