import { ScriptBinding } from '../../../lib/index.js';
import { Gate, waitFor } from '../../support/wait-for.js';

/** What a script says to be held; {@link HOLDING} among its fields allows it to. */
export const HOLD = 'await hold.here();';
export const HOLDING = { bindings: ['hold.here'] };

/** A provider that holds scripts in the middle of their runs for as long as a test looks at them. */
export class HeldScripts {
  private readonly gate = new Gate();
  private arrived = 0;

  @ScriptBinding('hold.here')
  async here(): Promise<void> {
    this.arrived += 1;
    await this.gate.opened;
  }

  /** Waits until as many runs have come to where they are held, or more at the same time. */
  async held(count = 1): Promise<void> {
    await waitFor(`${count} runs are held`, () => this.arrived >= count);
  }

  /** Lets go what is held, and what comes. */
  release(): void {
    this.gate.open();
  }
}
