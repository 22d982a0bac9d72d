/** How far one statement looked among the scripts that have pending entries. */
export interface Seen {
  /** How many scripts it looked at. */
  scripts: number;
  /** The last of these scripts, in order of id; `null` if there was none. */
  last: string | null;
}

export const BEGINNING = '00000000-0000-0000-0000-000000000000';

/**
 * Goes through scripts in order of id, a window at a time, and starts again after the last one. So a statement costs
 * the same whether ten or ten thousand scripts have pending dead letters, and each script gets its turn.
 */
export class ScriptRotation {
  private position = BEGINNING;

  /** One pass, from where the last one ended. */
  round(): RotationRound {
    return new RotationRound(this.position, (position) => (this.position = position));
  }
}

export class RotationRound {
  private wrapped: boolean;

  constructor(
    private readonly start: string,
    private readonly moveTo: (position: string) => void,
  ) {
    this.after = start;
    this.wrapped = start === BEGINNING;
  }

  /** The script to begin after. */
  after: string;

  /** Records what a statement saw. False if the pass is complete. */
  saw(seen: Seen | undefined, window: number): boolean {
    const last = seen?.last ?? BEGINNING;
    const atEnd = (seen?.scripts ?? 0) < window;
    const complete = this.wrapped && (atEnd || (this.start !== BEGINNING && last >= this.start));
    if (atEnd) this.wrapped = true;
    this.after = atEnd ? BEGINNING : last;
    this.moveTo(this.after);
    return !complete;
  }
}
