import { randomUUID } from 'node:crypto';
import { isRecord, type JsonObject } from '../common/json.js';
import { MOST_TEXT_BYTES, type NodeChannel } from './node-channel.js';

/** Handles the messages of one kind. Must not throw. */
export type MessageHandler = (body: Readonly<Record<string, unknown>>) => void;

/**
 * Messages between the processes of the application. A message arrives immediately or never, and possibly at some
 * processes only. A sender that needs to know whether it arrived waits a short time for an answer.
 */
export class NodeMessages {
  /** Identifies this process in its messages. Each start makes a new one. */
  readonly nodeId = randomUUID();
  private readonly handlers = new Map<string, MessageHandler>();

  constructor(private readonly channel: NodeChannel) {
    channel.hear((text) => this.heard(text));
  }

  /** Whether answers of other processes would arrive at present. */
  get listening(): boolean {
    return this.channel.listening;
  }

  /** Sets what this process does with messages of a kind. Anybody may have sent a message, so check its body. */
  on(kind: string, handler: MessageHandler): void {
    this.handlers.set(kind, handler);
  }

  /** Sends messages of one kind to the other processes, in one statement. Rejects if the database is unavailable. */
  async send(kind: string, ...bodies: readonly JsonObject[]): Promise<void> {
    const texts = bodies.map((body) => JSON.stringify({ from: this.nodeId, kind, body }));
    const tooLong = texts.find((text) => Buffer.byteLength(text) > MOST_TEXT_BYTES);
    if (tooLong !== undefined) throw new RangeError(`a message "${kind}" is too long for the channel`);
    if (texts.length > 0) await this.channel.say(texts);
  }

  /** Ignores messages of unknown kinds: a later version may send them. */
  private heard(text: string): void {
    const { from, kind, body } = messageIn(text) ?? {};
    if (from === this.nodeId || typeof kind !== 'string' || !isRecord(body)) return;
    this.handlers.get(kind)?.(body);
  }
}

function messageIn(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    // Anybody may write to the channel; this text is not one of our messages.
    return undefined;
  }
}
