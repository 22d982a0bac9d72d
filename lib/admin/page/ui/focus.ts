import { releaseFocus } from './kept-focus';

let moved = false;

/** Focuses the title of a new screen, so that screen readers read it. */
export function toTheTop(): void {
  moved = true;
  releaseFocus();
  focusTitle();
}

/** The same for a screen that loads after its address changes. Not for the first screen, nor while somebody types. */
export function atTheTop(): void {
  const types = document.activeElement?.matches('input, select, textarea') ?? false;
  if (moved && !types) focusTitle();
}

const focusTitle = (): void => document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
