import type { DurableTables, Sql } from '../durable-database.js';
import { quotedSchema } from '../engine/engine-sql.js';

/** What a heartbeat returns. */
export interface Heartbeat {
  /** False if the node's lease had expired: others may have taken its jobs. */
  alive: boolean;
  /** Nodes whose lease has expired. */
  expired: string[];
}

/**
 * The table of running nodes, each with its queue: only a node of the same queue can free another one's jobs. All times
 * in it are the database's. An expired lease is never revived: a node that returns joins under a new id.
 */
export class NodeRegistry {
  /** @param queue the engine's schema */
  constructor(
    private readonly sql: Sql,
    private readonly tables: DurableTables,
    private readonly queue: string,
  ) {}

  async join(id: string, leaseMs: number): Promise<void> {
    await this.sql.query(
      `INSERT INTO ${this.tables.nodes} (id, queue, expires_at) VALUES ($1, $3, now() + $2 * interval '1 millisecond')`,
      [id, leaseMs, this.queue],
    );
  }

  async beat(id: string, leaseMs: number): Promise<Heartbeat> {
    const [row] = await this.sql.query<{ alive: boolean; expired: string[] }>(
      `WITH beat AS (
        UPDATE ${this.tables.nodes} SET seen_at = now(), expires_at = now() + $2 * interval '1 millisecond'
          WHERE id = $1 AND expires_at > now() RETURNING id)
      SELECT EXISTS (SELECT FROM beat) AS alive,
        to_json(array(
          SELECT id FROM ${this.tables.nodes} WHERE queue = $3 AND expires_at <= now() AND id <> $1)) AS expired`,
      [id, leaseMs, this.queue],
    );
    return row ?? { alive: false, expired: [] };
  }

  /** Whether the node's lease holds. */
  async holds(id: string): Promise<boolean> {
    const rows = await this.sql.query(
      `SELECT 1 AS held FROM ${this.tables.nodes} WHERE id = $1 AND expires_at > now()`,
      [id],
    );
    return rows.length > 0;
  }

  /**
   * Frees what expired nodes held: jobs, slots, turns. The engine then wakes all nodes. If several nodes try, one of
   * them does it; a node that is still alive is left alone.
   */
  async reap(ids: readonly string[]): Promise<string[]> {
    return this.free(`id = ANY($1) AND expires_at <= now()`, ids);
  }

  /** Frees what this node holds, at its end, so that nobody has to wait for its lease to expire. */
  async leave(id: string): Promise<void> {
    await this.free('id = ANY($1)', [id]);
  }

  private async free(condition: string, ids: readonly string[]): Promise<string[]> {
    const { nodes, slots, ordered } = this.tables;
    const rows = await this.sql.query<{ id: string }>(
      `WITH gone AS (DELETE FROM ${nodes} WHERE ${condition} RETURNING id),
      slots AS (UPDATE ${slots} SET node_id = NULL WHERE node_id IN (SELECT id FROM gone)),
      turns AS (UPDATE ${ordered} SET state = 'waiting', node_id = NULL WHERE node_id IN (SELECT id FROM gone)),
      jobs AS (SELECT ${quotedSchema(this.queue)}.force_unlock_workers(array(SELECT id FROM gone)) WHERE EXISTS (SELECT FROM gone)),
      wake AS (SELECT pg_notify('jobs:insert', '{"count":1000}') FROM jobs)
      SELECT gone.id FROM gone, (SELECT count(*) FROM wake) AS done`,
      [ids],
    );
    return rows.map((row) => row.id);
  }
}
