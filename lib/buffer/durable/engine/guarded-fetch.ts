import { nextToken } from '../../../entities/fence-sequence.js';
import type { DurableTables } from '../durable-database.js';
import { EngineUnsupportedError } from './engine.errors.js';
import { installCommand } from './engine.js';
import { leaseIsValid } from './engine-sql.js';

/** A statement as the engine sends it. */
export interface Statement {
  text?: unknown;
  values?: readonly unknown[];
  name?: unknown;
}

/** The position in the queue, as a whole number. */
const TAG = '(extract(epoch from jobs.run_at) * 1000000)::bigint::text';

/** The places in the engine's fetch where it chooses jobs and where it returns them. */
const CHOICE = /\bwhere\s+jobs\.is_available\s*=\s*true\b/i;
const ANSWER = /\breturning\s+\*\s*$/i;

/**
 * Changes the engine's fetch so that it locks jobs only while the node's lease holds, and numbers them. A process that
 * was stopped for longer than its lease fetches before it has read that the lease is over. Without the condition, its
 * jobs would be locked under a name that others consider dead, and nobody would run them.
 */
export class GuardedFetch {
  private readonly made = new Map<string, string>();

  constructor(
    private readonly tables: Pick<DurableTables, 'nodes' | 'fence'>,
    private readonly leaseMs: number,
  ) {}

  /**
   * The statement with the condition and the columns `fence` and `tag`. Its first value is the node's id.
   *
   * @throws EngineUnsupportedError if the fetch isn't recognised
   */
  apply(statement: Statement): Statement {
    const text = String(statement.text);
    let guarded = this.made.get(text);
    if (guarded === undefined) this.made.set(text, (guarded = this.make(text)));
    return { ...statement, text: guarded };
  }

  private make(text: string): string {
    if (!CHOICE.test(text) || !ANSWER.test(text)) throw new EngineUnsupportedError(installCommand());
    const { nodes, fence } = this.tables;
    return text
      .replace(CHOICE, (choice) => `${choice} and ${leaseIsValid(nodes, '$1', this.leaseMs)}`)
      .replace(ANSWER, (answer) => `${answer}, ${nextToken(fence)} as fence, ${TAG} as tag`);
  }
}

/** A job as the fetch returns it. */
interface FetchedRow {
  priority: number;
  tag: string;
}

/**
 * The rows in the order in which the jobs were chosen. An UPDATE guarantees no order, and that of 0.18 follows the
 * join: a worker would run a later job first.
 */
export const inOrder = (rows: readonly unknown[]): unknown[] =>
  (rows as FetchedRow[]).toSorted((a, b) => a.priority - b.priority || Number(a.tag) - Number(b.tag));
