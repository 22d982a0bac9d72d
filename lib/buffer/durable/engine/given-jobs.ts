import type { DatabaseClient } from '../durable-database.js';

/** How long a statement whose connection broke may still take effect on the server, in milliseconds. */
const DOUBT_MS = 60_000;
/** Time between two checks during {@link DOUBT_MS}, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * The jobs that this node's engine was given and has not answered.
 *
 * If the answer to a fetch is lost with its connection, jobs are locked by a living node that doesn't know of them: the
 * engine would never run them, and no other node may. Before the next fetches, they are found by comparison and freed.
 */
export class GivenJobs {
  private readonly ids = new Set<string>();
  private doubtUntil = 0;
  private lookedAt = 0;

  /** @param jobs the engine's table of jobs, quoted */
  constructor(private readonly jobs: string) {}

  /** Records the answer to a fetch. */
  fetched(rows: readonly unknown[]): void {
    for (const { id } of rows as { id: unknown }[]) this.ids.add(String(id));
  }

  /**
   * Records that the engine has completed, failed or returned the jobs named by these values, and that this is stored.
   */
  answered(values: readonly unknown[]): void {
    if (this.ids.size === 0) return;
    for (const id of values.flatMap(idsIn)) this.ids.delete(id);
  }

  /** Records that a fetch was interrupted, which may have locked jobs. */
  lostAnswer(): void {
    this.doubtUntil = performance.now() + DOUBT_MS;
    this.lookedAt = 0;
  }

  /**
   * Frees jobs that this node holds without knowing. Costs nothing unless an answer was lost recently. Must not be
   * called during a fetch.
   */
  async freeUnknown(client: DatabaseClient, nodeId: unknown): Promise<void> {
    const now = performance.now();
    if (now > this.doubtUntil || now - this.lookedAt < LOOK_EVERY_MS) return;
    await client.query(
      `UPDATE ${this.jobs} SET locked_by = NULL, locked_at = NULL, attempts = greatest(0, attempts - 1)
        WHERE locked_by = $1 AND id <> ALL ($2::bigint[])`,
      [nodeId, [...this.ids]],
    );
    this.lookedAt = now;
  }
}

/** IDs of jobs, which the engine passes as an id, a list of ids, or a JSON list of `{ jobId }`. */
function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== 'string' || !value.startsWith('[')) return [String(value)];
  return (JSON.parse(value) as { jobId: unknown }[]).map(({ jobId }) => String(jobId));
}
