/** Listens to the channel. None of its methods may throw. */
export interface NodeChannelListener {
  /** A message arrived. Any process may have sent it, or the database itself, which reports changed scripts. */
  heard(text: string): void;
  /** From now on, messages arrive. Earlier messages may have been missed. */
  connected(): void;
  /** No messages arrive for now. The channel reconnects by itself. */
  disconnected(error: unknown): void;
}

/** The longest message, in bytes: PostgreSQL accepts less than 8,000. */
export const MOST_TEXT_BYTES = 7_900;

/**
 * Port: short messages between all processes of the application, through their database. A message arrives immediately
 * or never: a process that isn't connected misses it. Everybody who can use the database can send one, so a message
 * proves nothing.
 */
export abstract class NodeChannel {
  /** Starts to listen. The returned function stops it and leaves no connection and no timer behind. */
  abstract open(listener: NodeChannelListener): () => Promise<void>;

  /** Adds a function that gets every message while the channel is open. It must not throw. */
  abstract hear(heard: (text: string) => void): void;

  /** Whether messages of other processes arrive at present. */
  abstract readonly listening: boolean;

  /** Sends messages to every process that listens, including this one. Rejects if the database is unavailable. */
  abstract say(texts: readonly string[]): Promise<void>;
}
