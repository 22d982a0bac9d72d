let moved = false;

/** Another screen is shown: who listens to the page hears where they are. */
export function toTheTop(): void {
  moved = true;
  focusTitle();
}

/** The same for a screen that has come later than its address: not the document's first one, and not while somebody types. */
export function atTheTop(): void {
  const types = document.activeElement?.matches('input, select, textarea') ?? false;
  if (moved && !types) focusTitle();
}

const focusTitle = (): void => document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
