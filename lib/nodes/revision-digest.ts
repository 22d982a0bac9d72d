// Below 2^31, so that a square fits in PostgreSQL's bigint.
const PRIME = 2_147_483_647n;

/**
 * A short text that identifies a set of revisions. It is updated with every change at no cost, and the database
 * computes it from an index alone. It has count, sum and sum of squares: revisions come from a sequence and only grow,
 * so two successive sets never share all three.
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

  /** Adds those of another set. */
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

/** {@link RevisionDigest} over a column `revision`. */
export const REVISION_DIGEST_SQL = `count(*) || '/' || coalesce(sum(revision), 0) || '/' ||
  coalesce(sum((revision % ${PRIME}) * (revision % ${PRIME}) % ${PRIME}), 0)`;

/** Parts that all scripts are divided into, each with a digest of its own, so that a change is looked for in its part. */
const SCRIPT_PARTS = 256;

/** The part of a script: the last byte of its id, of which every value is as likely. */
export const partOf = (scriptId: string): number => parseInt(scriptId.slice(-2), 16) || 0;

/** {@link partOf} over a column `id`. */
export const SCRIPT_PART_SQL = `get_byte(uuid_send(id), 15)`;

/** The revisions of all scripts, in parts. */
export class RevisionDigests {
  private readonly parts = Array.from({ length: SCRIPT_PARTS }, () => new RevisionDigest());

  add(scriptId: string, revision: string): void {
    this.of(partOf(scriptId)).add(revision);
  }

  remove(scriptId: string, revision: string): void {
    this.of(partOf(scriptId)).remove(revision);
  }

  /** That of one part. */
  of(part: number): RevisionDigest {
    return this.parts[part] as RevisionDigest;
  }

  /** The parts of which another digest is given here, or none and this one is not empty. */
  differing(others: ReadonlyMap<number, string>): number[] {
    const nothing = new RevisionDigest().toString();
    return [...this.parts.keys()].filter(
      (part) => this.of(part).toString() !== (others.get(part) ?? nothing),
    );
  }

  /** That of all parts. */
  toString(): string {
    const all = new RevisionDigest();
    for (const part of this.parts) all.addAll(part);
    return all.toString();
  }
}
