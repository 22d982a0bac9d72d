import { MOST_GONE } from '../protocol.js';
import type { DoneMessage, RunMessage, RunSettings } from '../protocol.js';
import { Home } from './home.js';
import { Room } from './room.js';

/** The homes of one process, by the numbers the parent gave them. */
export class Homes {
  private readonly room: Room<Home>;
  private toldPercent = 0;

  constructor(keptBytes: number) {
    this.room = new Room(keptBytes);
  }

  /** The settings of a run's script, if its home has compiled the script. */
  settingsOf({ home, script }: RunMessage): RunSettings | undefined {
    return this.room.get(home)?.settingsOf(script);
  }

  /** Returns the home with this number, or a new one if there is none. Throws what the constructor of `Home` throws. */
  take(number: number, settings: RunSettings): Home {
    return this.room.get(number) ?? new Home(settings);
  }

  /** Keeps a home if its run ended cleanly and it may serve another; otherwise disposes of it. */
  giveBack(number: number, home: Home, { isolation }: RunSettings, clean: boolean): void {
    if (clean && isolation !== 'isolate' && home.mayServeAgain()) this.room.keep(number, home);
    else this.room.drop(number, home);
  }

  /** What the parent should know: the numbers of homes that no longer exist, and how much memory the others use. */
  takeNews(): Pick<DoneMessage, 'gone' | 'used'> {
    const gone = this.room.takeLeft(MOST_GONE);
    const used = Math.floor(this.room.fullness * 100);
    const news: Pick<DoneMessage, 'gone' | 'used'> = {};
    if (gone.length > 0) news.gone = gone;
    if (used !== this.toldPercent) this.toldPercent = news.used = used;
    return news;
  }
}
