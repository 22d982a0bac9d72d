/** A range of a text, by offsets of characters; `to` is excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
