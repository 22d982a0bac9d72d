/** From one character of a text to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}
