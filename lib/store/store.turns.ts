import type { LostKey, StoreTurn } from './store.types.js';

/** What the keys that a turn is about begin with, as one text. */
export const turnKeyOf = ({ scope, key }: LostKey): string => `${scope}\n${key}`;

/**
 * Port: turns of runs at the store of a tenant, over all processes. While a run has its turn, runs that would change the key it has lost
 * wait. A turn only saves work: what is stored is right with and without it.
 */
export abstract class StoreTurns {
  /**
   * Takes or prolongs the turn. False while another run has one.
   *
   * @param ms how long it lasts; a run whose changes are stored ends its turn
   */
  abstract take(turn: StoreTurn, ms: number): Promise<boolean>;

  /** Ends the turn of a run that stored nothing. */
  abstract end(turn: StoreTurn): Promise<void>;
}
