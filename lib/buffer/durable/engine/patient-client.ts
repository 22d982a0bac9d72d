import { databaseFailureOf, isCollision, sqlStateOf } from '../../../common/database-failure.js';
import type { DatabaseClient } from '../durable-database.js';
import type { GivenJobs } from './given-jobs.js';
import { inOrder, type Statement } from './guarded-fetch.js';

/** What a {@link PatientClient} needs from its pool. */
export interface PatientClientSource {
  /** Another connection, as soon as there is one. Never fails; after a cut-off, it returns one that leads nowhere. */
  reconnect(): Promise<DatabaseClient>;
  readonly given: GivenJobs;
  /** The fetch restricted to the time in which this node may take jobs; undefined if it must find none. */
  guarded(fetch: Statement): Statement | undefined;
  /** False once statements are sent without names. */
  readonly named: boolean;
  /** A pooler has lost a prepared statement: from now on, statements are sent without names. */
  namesLost(): void;
}

/**
 * A connection on which statements of the engine don't fail because the database is unavailable: they are sent again on
 * another one. The engine sends each statement by itself and guards it with its node's name, so repeating it does no
 * harm. Only a fetch whose answer was lost needs a correction, see {@link GivenJobs}.
 *
 * Without this, the engine reacts to a failed statement by ending its worker pool, and 0.17.3 with an error that ends
 * the process.
 */
export class PatientClient implements DatabaseClient {
  constructor(
    private client: DatabaseClient,
    private readonly source: PatientClientSource,
  ) {}

  async query(...query: unknown[]): Promise<{ rows: unknown[] }> {
    const statement = query[0] as Statement;
    const send = isFetch(statement) ? () => this.fetch(statement) : () => this.send(statement, query);
    for (;;) {
      const { named } = this.source;
      try {
        return await send();
      } catch (error) {
        if (named && isNameLost(error)) {
          // Nothing was executed; without a name it works.
          this.source.namesLost();
          continue;
        }
        // Happens if the host's default isolation is stricter than READ COMMITTED. Nothing was executed, and the
        // connection is usable.
        if (isCollision(error)) continue;
        if (databaseFailureOf(error) === 'data') throw error;
        if (isFetch(statement)) this.source.given.lostAnswer();
        this.client.release(error);
        this.client = await this.source.reconnect();
      }
    }
  }

  release(error?: unknown): void {
    this.client.release(error);
  }

  on(name: string, listener: (message: never) => void): unknown {
    return this.client.on(name, listener);
  }

  removeListener(name: string, listener: (message: never) => void): unknown {
    return this.client.removeListener(name, listener);
  }

  private async fetch(statement: Statement): Promise<{ rows: unknown[] }> {
    const { given } = this.source;
    const guarded = this.source.guarded(statement);
    if (!guarded) return { rows: [] };
    // Its first value is the name under which this node locks jobs.
    await given.freeUnknown(this.client, statement.values?.[0]);
    const answer = await this.client.query(this.unnamed(guarded));
    given.fetched(answer.rows);
    return { ...answer, rows: inOrder(answer.rows) };
  }

  private async send(statement: Statement, query: unknown[]): Promise<{ rows: unknown[] }> {
    const answer = await this.client.query(this.unnamed(query[0]), ...query.slice(1));
    this.source.given.answered(statement.values ?? []);
    return answer;
  }

  private unnamed<Query>(query: Query): Query {
    return this.source.named || typeof query !== 'object' ? query : { ...query, name: undefined };
  }
}

/**
 * SQLSTATE of a prepared statement that is missing or already exists, because the connection behind the pooler has
 * changed.
 */
const isNameLost = (error: unknown): boolean => ['26000', '42P05'].includes(sqlStateOf(error) ?? '');

/** The engine's fetch is its only statement that skips locked rows. */
const isFetch = ({ text }: Statement): boolean => /skip\s+locked/i.test(String(text));
