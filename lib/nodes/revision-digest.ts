// Below 2^31, so that a square fits in PostgreSQL's bigint.
const PRIME = 2_147_483_647n;

/**
 * A short text that identifies a set of revisions. A change updates it without reading the set, and the database
 * computes it from an index alone. It consists of the count, the sum and the sum of squares: revisions come from a
 * sequence and only grow, so two successive sets never share all three.
 */
export class RevisionDigest {
  private count = 0;
  private sum = 0n;
  private squares = 0n;

  /** How many revisions there are. */
  get size(): number {
    return this.count;
  }

  add(revision: string): void {
    this.change(revision, 1n);
  }

  remove(revision: string): void {
    this.change(revision, -1n);
  }

  /** Adds the revisions of another set. */
  addAll({ count, sum, squares }: RevisionDigest): void {
    this.count += count;
    this.sum += sum;
    this.squares += squares;
  }

  /** The same expression as {@link REVISION_DIGEST_SQL}. */
  toString(): string {
    return `${this.count}/${this.sum}/${this.squares}`;
  }

  private change(revision: string, sign: 1n | -1n): void {
    const value = BigInt(revision);
    const rest = value % PRIME;
    this.count += Number(sign);
    this.sum += sign * value;
    this.squares += sign * ((rest * rest) % PRIME);
  }
}

/** SQL expression that computes the {@link RevisionDigest} of a column `revision`. */
export const REVISION_DIGEST_SQL = `count(*) || '/' || coalesce(sum(revision), 0) || '/' ||
  coalesce(sum((revision % ${PRIME}) * (revision % ${PRIME}) % ${PRIME}), 0)`;
