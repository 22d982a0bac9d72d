import { printable } from '../common/printable.js';
import { FILTER_LIMITS, REPORTED_ISSUES } from './filter.limits.js';
import type { FilterIssue, FilterIssueCode } from './filter.types.js';

/** Most parts of a filter, because each takes at least two characters: itself and a comma. */
const MOST_PARTS = FILTER_LIMITS.bytes / 2;
/** Most characters of a place: enough for the longest field path with its operators. */
const LONGEST_PATH = 2 * FILTER_LIMITS.textCharacters;

/** The problems of a filter that is being read, and how much of the limits it has used. */
export class FilterReading {
  readonly issues: FilterIssue[] = [];
  private conditions = 0;
  private parts = 0;
  private characters = 0;

  /** True if further problems would not be reported, or the filter is too large. Reading then ends. */
  get full(): boolean {
    return this.issues.length >= REPORTED_ISSUES || this.oversized;
  }

  /** True when the filter has more parts than a text of the largest size could hold. */
  get oversized(): boolean {
    return this.parts > MOST_PARTS;
  }

  /** True when there was no problem, and the filter has no more text than one of the largest size. */
  get isSound(): boolean {
    return this.issues.length === 0 && !this.oversized && this.characters <= FILTER_LIMITS.bytes;
  }

  /** Counts one entry of an object or a list. The reader stops when {@link full}. */
  countPart(): void {
    this.parts += 1;
  }

  /** Adds a problem and its place, which is made printable. Only the first 200 problems are kept. */
  report(path: string, code: FilterIssueCode, message: string): void {
    if (this.issues.length < REPORTED_ISSUES)
      this.issues.push({ path: printable(path, LONGEST_PATH), code, message });
  }

  /** Counts one condition; the first beyond the limit is reported. */
  countCondition(place: string): void {
    this.conditions += 1;
    if (this.conditions !== FILTER_LIMITS.conditions + 1) return;
    this.report(
      place,
      'limit',
      `The filter has more than ${FILTER_LIMITS.conditions} conditions. Use "in" with a list for many values, or split the script.`,
    );
  }

  /** Whether a filter or an operand may be nested this deep. If not, reports it. */
  allowsDepth(depth: number, place: string): boolean {
    if (depth <= FILTER_LIMITS.depth) return true;
    this.report(
      place,
      'limit',
      `Filters and values can nest at most ${FILTER_LIMITS.depth} levels deep. Use fewer nested "and", "or", "not" or "any".`,
    );
    return false;
  }

  /** Whether a text is short enough. If not, reports it. */
  allowsText(text: string, place: string): boolean {
    const longest = FILTER_LIMITS.textCharacters;
    this.characters += text.length;
    // A character has one or two units, so most texts needn't be counted.
    if (text.length <= longest || (text.length <= 2 * longest && Array.from(text).length <= longest))
      return true;
    this.report(
      place,
      'limit',
      `The text exceeds ${longest} characters. Shorten it, or use "startsWith" or "contains" with a part of it.`,
    );
    return false;
  }

  /** The entries of a list, up to the limit. Reports a longer list. */
  itemsOf(list: readonly unknown[], place: string): unknown[] {
    const most = FILTER_LIMITS.listItems;
    if (list.length > most) {
      this.report(
        place,
        'limit',
        `The list has ${list.length} entries; the limit is ${most}. Split it, or filter on something the values have in common.`,
      );
    }
    const items: unknown[] = [];
    // By index, to visit the holes of a sparse list too, which then count as undefined.
    for (let index = 0; index < Math.min(list.length, most) && !this.full; index += 1) {
      this.countPart();
      items.push(list[index]);
    }
    return items;
  }
}
