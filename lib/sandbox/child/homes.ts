import type { RunMessage } from '../protocol.js';
import { Home } from './home.js';
import { Room } from './room.js';

/** Homes that are told in one message; more wait for the next one. */
const MOST_TOLD = 64;

/** The homes of one process, by the numbers the parent gave them. */
export class Homes {
  private readonly room: Room<Home>;

  constructor(keptBytes: number) {
    this.room = new Room(keptBytes);
  }

  has({ home, script }: RunMessage): boolean {
    return this.room.get(home)?.has(script) ?? false;
  }

  /** The home of a run, made when there is none. Throws as its constructor. */
  take(run: RunMessage): Home {
    return this.room.get(run.home) ?? new Home(run);
  }

  /** Keeps a home after a clean end, or disposes it. */
  giveBack({ home: number, isolation }: RunMessage, home: Home, clean: boolean): void {
    if (clean && isolation !== 'isolate' && home.mayServeAgain()) this.room.keep(number, home);
    else this.room.drop(number, home);
  }

  /** Numbers of homes that are no more, each told once. */
  takeGone(): number[] {
    return this.room.takeLeft(MOST_TOLD);
  }
}
