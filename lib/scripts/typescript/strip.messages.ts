/** What the thread is given when it starts. */
export interface StripWorkerData {
  /** File of amaro. */
  amaro: string;
}

/** Why a text is not TypeScript whose types can be removed. */
export interface TypeProblem {
  /** `too-slow` when the parser was stopped. */
  code?: 'too-slow';
  message: string;
  /** Line of the author's source, from 1. */
  line?: number;
}

/**
 * What the thread answers: once `ready`, then one answer for each text. After a `fault` it is of no use any more: a
 * parser that ran out of its memory or stack may answer wrongly from then on.
 */
export type StripAnswer =
  { ready: true } | { javascript: string } | { problem: TypeProblem } | { fault: true };
