import type { ExplainedFilter, FilterEditorOptions, JsonObject } from '../editor.types.js';

type Explain = NonNullable<FilterEditorOptions['explain']>;

/** How it stands with the question why the chosen event passes or does not. */
export type Inquiry =
  | { readonly state: 'none' | 'asking' }
  | { readonly state: 'answered'; readonly answer: ExplainedFilter }
  | { readonly state: 'failed'; readonly message: string };

/** Milliseconds without an edit after which is asked. */
const DELAY_MS = 300;

/** Asks anew when the filter or the event changes, and gives the former question up. */
export class FilterInquiry {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;

  constructor(private readonly tell: (inquiry: Inquiry) => void) {}

  /** @param filter `undefined` while there is no valid one */
  ask(explain: Explain | undefined, filter: JsonObject | null | undefined): void {
    this.stop();
    if (!explain || filter === undefined) {
      this.tell({ state: 'none' });
      return;
    }
    this.tell({ state: 'asking' });
    this.timer = setTimeout(() => void this.run(explain, filter), DELAY_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = undefined;
  }

  private async run(explain: Explain, filter: JsonObject | null): Promise<void> {
    const asking = new AbortController();
    this.asking = asking;
    try {
      const answer = await explain(filter, asking.signal);
      if (!asking.signal.aborted) this.tell({ state: 'answered', answer });
    } catch (error) {
      if (!asking.signal.aborted)
        this.tell({ state: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  }
}
