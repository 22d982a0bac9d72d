import { RevisionDigest } from '../nodes/revision-digest.js';

/** Scripts are divided into this many parts, each with its own digest, so that a change is looked for in one part. */
const SCRIPT_PARTS = 256;

/** The part of a script: the last byte of its id. All values are equally likely. */
export const partOf = (scriptId: string): number => parseInt(scriptId.slice(-2), 16) || 0;

/** SQL expression for {@link partOf} of a column `id`. */
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

  /** The digest of one part. */
  of(part: number): RevisionDigest {
    return this.parts[part] as RevisionDigest;
  }

  /** The parts whose digest differs from the given one. A part that is not given counts as empty. */
  differing(others: ReadonlyMap<number, string>): number[] {
    const nothing = new RevisionDigest().toString();
    return [...this.parts.keys()].filter(
      (part) => this.of(part).toString() !== (others.get(part) ?? nothing),
    );
  }

  /** The digest of all parts. */
  toString(): string {
    const all = new RevisionDigest();
    for (const part of this.parts) all.addAll(part);
    return all.toString();
  }
}
