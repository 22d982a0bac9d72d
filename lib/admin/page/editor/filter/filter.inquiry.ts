import type { ExplainedFilter, FilterEditorOptions, JsonObject } from '../editor.types.js';

type Explain = NonNullable<FilterEditorOptions['explain']>;

/** The state of the question why the filter matches the chosen event or doesn't. */
export type Inquiry =
  | { readonly state: 'none' | 'asking' }
  | { readonly state: 'answered'; readonly answer: ExplainedFilter }
  | { readonly state: 'failed'; readonly message: string };

/** Milliseconds after an edit before the question is sent. */
const DELAY_MS = 300;

/** Asks why the filter matches the chosen event or doesn't. Each question cancels the one before. */
export class FilterInquiry {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;

  constructor(private readonly tell: (inquiry: Inquiry) => void) {}

  /** @param filter `undefined` while the text is not a valid filter: then nothing is asked */
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
