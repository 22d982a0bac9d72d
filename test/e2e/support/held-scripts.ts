import { ScriptBinding } from '../../../lib/index.js';
import { Gate, waitFor } from '../../support/wait-for.js';

/** The statement with which a script waits for the test. {@link HOLDING} allows a script to call the binding. */
export const HOLD = 'await hold.here();';
export const HOLDING = { bindings: ['hold.here'] };

/** A provider that holds scripts in the middle of their runs until a test releases them. */
export class HeldScripts {
  private readonly gate = new Gate();
  private arrived = 0;

  @ScriptBinding('hold.here')
  async here(): Promise<void> {
    this.arrived += 1;
    await this.gate.opened;
  }

  /** Waits until at least `count` runs are held at the same time. */
  async held(count = 1): Promise<void> {
    await waitFor(`${count} runs are held`, () => this.arrived >= count);
  }

  /** Lets the held runs go on, and does not hold later ones. */
  release(): void {
    this.gate.open();
  }
}
