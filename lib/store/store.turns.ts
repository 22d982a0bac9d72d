import type { LostKey, StoreTurn } from './store.types.js';

/** The scope of a turn's keys and the text that they begin with, as one text. */
export const turnKeyOf = ({ scope, key }: LostKey): string => `${scope}\n${key}`;

/**
 * Port: turns of runs at the store of a tenant, over all processes. While a run has its turn, other runs wait before
 * they change the key that it has lost. Turns only save work: the stored values are correct without them, too.
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
