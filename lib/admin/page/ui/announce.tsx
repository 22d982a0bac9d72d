import { signalOf } from './signal';

/** The message on what was just done, shown and read by screen readers. */
const said = signalOf<{ id: number; text: string; bad: boolean } | null>(null);
const SHOWN_MS = 6_000;

let count = 0;

export function announce(text: string, bad = false): void {
  count += 1;
  const id = count;
  said.set({ id, text, bad });
  setTimeout(() => {
    if (said.get()?.id === id) said.set(null);
  }, SHOWN_MS);
}

export function Announcements() {
  const now = said.use();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {now && (
        <p key={now.id} class={now.bad ? 'toast bad' : 'toast'}>
          {now.text}
        </p>
      )}
    </div>
  );
}
