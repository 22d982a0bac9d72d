/** What the thread gets when it starts. */
export interface StripWorkerData {
  /** Path of amaro. */
  amaro: string;
}

/** Why the types of a text can't be removed. */
export interface TypeProblem {
  /** `too-slow` if the parser was stopped. */
  code?: 'too-slow';
  message: string;
  /** Line of the author's source, from 1. */
  line?: number;
}

/**
 * What the thread answers: once `ready`, then one answer for each text. After a `fault` it must not be used any more,
 * because a parser that ran out of memory or stack may give wrong answers.
 */
export type StripAnswer =
  { ready: true } | { javascript: string } | { problem: TypeProblem } | { fault: true };
