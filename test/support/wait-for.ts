import { patienceMs } from './time-limits';

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Waits until `condition` returns something truthy, and returns it. Polls every few milliseconds at first, and ten
 * times a second in a long wait; after `timeoutMs` it throws an error that names `what`. The condition is a state of
 * the system, never a guess about time: the timeout only ends a test that waits in vain.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = patienceMs(),
): Promise<Truthy<T>> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.25, 100)) {
    const value = await condition();
    if (value) return value as Truthy<T>;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** A promise that a test resolves with {@link open}. */
export class Gate {
  readonly opened: Promise<void>;
  open!: () => void;

  constructor() {
    this.opened = new Promise((resolve) => (this.open = resolve));
  }
}
