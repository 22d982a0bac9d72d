import { readFileSync } from 'node:fs';

const TICK_MS = 5;

/**
 * Measures how long this process's own work has blocked its event loop. Of a gap between two ticks, only the processor time
 * of the loop's thread counts. On a busy machine the rest of the gap belongs to other processes, and to other threads of
 * this one, such as those of the compiler and the garbage collector.
 */
export class LoopMonitor {
  private timer: NodeJS.Timeout | undefined;
  private lastTick = 0;
  private lastCpu = 0;
  private worst = 0;
  private lived = 0;

  start(): void {
    this.mark();
    this.timer = setInterval(() => {
      this.look();
      this.mark();
      this.lived += TICK_MS;
    }, TICK_MS);
  }

  /** The longest stall since the last call, in milliseconds. */
  takeWorst(): number {
    this.look();
    this.mark();
    const { worst } = this;
    this.worst = 0;
    return worst;
  }

  /**
   * The time since the last call in which this process could run, in milliseconds: the number of ticks times their interval.
   * It is less than the clock says if the machine was blocked or has run other processes.
   */
  takeLived(): number {
    const { lived } = this;
    this.lived = 0;
    return lived;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private mark(): void {
    this.lastTick = performance.now();
    this.lastCpu = cpuMs();
  }

  private look(): void {
    const gap = performance.now() - this.lastTick - TICK_MS;
    this.worst = Math.max(this.worst, Math.min(gap, cpuMs() - this.lastCpu));
  }
}

/** Processor time so far: of this thread if the system reports it, otherwise of the whole process. */
export function cpuMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}
