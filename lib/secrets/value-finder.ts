import { DecodedText } from './decoded-text.js';
import { TextFinder } from './text-finder.js';
import { formsOf } from './value-forms.js';

/** How often escapes are decoded: those of a text that was encoded twice, and of JSON around it. */
const MOST_LAYERS = 3;

/** Where a value stands in a text. */
interface Place {
  readonly from: number;
  readonly to: number;
  readonly index: number;
}

/**
 * Finds values in a text, in the forms of {@link formsOf} and in any mixture of escapes. The time depends on the length
 * of the text alone.
 */
export class ValueFinder {
  /** The value that each form belongs to, by its index. */
  private readonly forms = new Map<string, number>();
  private readonly finder: TextFinder;

  constructor(values: readonly string[]) {
    for (const [index, value] of values.entries())
      for (const form of formsOf(value)) if (!this.forms.has(form)) this.forms.set(form, index);
    this.finder = new TextFinder(this.forms.keys());
  }

  /** Replaces every value; `by` gets its index. */
  replace(text: string, by: (index: number) => string): string {
    const plain = this.finder.replace(text, (form) => by(this.forms.get(form)!));
    let replaced = '';
    let end = 0;
    for (const { from, to, index } of this.behindEscapes(plain)) {
      if (from < end) continue;
      replaced += plain.slice(end, from) + by(index);
      end = to;
    }
    return end === 0 ? plain : replaced + plain.slice(end);
  }

  /** The places of values, in the order of the text; they may overlap. */
  private behindEscapes(text: string): Place[] {
    const places: Place[] = [];
    let decoded = DecodedText.of(text);
    for (let layer = 1; decoded; layer++) {
      for (const { at, found } of this.finder.matches(decoded.text))
        places.push({
          from: decoded.beginOf(at),
          to: decoded.endOf(at + found.length - 1),
          index: this.forms.get(found)!,
        });
      decoded = layer < MOST_LAYERS ? decoded.again() : undefined;
    }
    return places.toSorted((one, other) => one.from - other.from || other.to - one.to);
  }
}
