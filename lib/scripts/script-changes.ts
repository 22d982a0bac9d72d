/** Who wants to hear of changes. None of these may throw. */
export interface ScriptChangesListener {
  /** A script was made, changed or deleted, by whatever process. */
  changed(scriptId: string): void;
  /** Changes are heard from now on; what happened before may have been missed. */
  connected(): void;
  /** Changes are not heard for now. It is tried again by itself. */
  disconnected(error: unknown): void;
}

/** Port: news of changed scripts from all processes, at once. */
export abstract class ScriptChanges {
  /** Begins to listen. The returned function ends it and leaves no connection and no timer. */
  abstract subscribe(listener: ScriptChangesListener): () => Promise<void>;
}
