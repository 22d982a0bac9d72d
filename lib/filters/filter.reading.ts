import { FILTER_LIMITS, REPORTED_ISSUES } from './filter.limits.js';
import type { FilterIssue, FilterIssueCode } from './filter.types.js';

/** What is gathered while one filter is read: its problems and how much of the limits is used. */
export class FilterReading {
  readonly issues: FilterIssue[] = [];
  private conditions = 0;

  /** True when more problems would not be reported: reading may end. */
  get full(): boolean {
    return this.issues.length >= REPORTED_ISSUES;
  }

  report(path: string, code: FilterIssueCode, message: string): void {
    if (!this.full) this.issues.push({ path, code, message });
  }

  /** Counts one condition; the first beyond the limit is reported. */
  countCondition(): void {
    this.conditions += 1;
    if (this.conditions !== FILTER_LIMITS.conditions + 1) return;
    this.report(
      'filters',
      'limit',
      `A filter has at most ${FILTER_LIMITS.conditions} conditions: use "in" with a list for many values, or split the script.`,
    );
  }

  /** Whether a filter or an operand may stand this deep; reported when not. */
  allowsDepth(depth: number, place: string): boolean {
    if (depth <= FILTER_LIMITS.depth) return true;
    this.report(
      place,
      'limit',
      `Filters and values nest at most ${FILTER_LIMITS.depth} deep: write this with fewer "and", "or", "not" or "any" around it.`,
    );
    return false;
  }

  /** Whether a text is short enough; reported when not. */
  allowsText(text: string, place: string): boolean {
    const longest = FILTER_LIMITS.textCharacters;
    // A character is one or two units, so most texts need no counting.
    if (text.length <= longest || (text.length <= 2 * longest && Array.from(text).length <= longest))
      return true;
    this.report(
      place,
      'limit',
      `A text has at most ${longest} characters: shorten it, or use "startsWith" or "contains" with a part of it.`,
    );
    return false;
  }

  /** The entries of a list that are looked at: all of them, or as many as are allowed, which is reported. */
  itemsOf(list: readonly unknown[], place: string): unknown[] {
    const most = FILTER_LIMITS.listItems;
    if (list.length > most) {
      this.report(
        place,
        'limit',
        `A list has at most ${most} entries; this one has ${list.length}: split it, or filter on something the values have in common.`,
      );
    }
    // Array.from also visits the holes of a sparse list, which then count as undefined.
    return Array.from({ length: Math.min(list.length, most) }, (_, index) => list[index]);
  }
}
