import { RevisionDigest } from '../nodes/revision-digest.js';

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
