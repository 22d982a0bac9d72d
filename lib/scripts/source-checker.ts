/** What is wrong with a source, and where. */
export interface SourceCheckProblem {
  /** `too-slow` if the compiler was stopped. Left out if the source isn't valid JavaScript. */
  code?: 'too-slow';
  message: string;
  /** Line of the author's source, from 1. */
  line?: number | null;
}

/** Port: compiles a source as the sandbox would, without running it. */
export abstract class SourceChecker {
  /** Maximum size of a source in bytes. Default 100 KiB, as in the sandbox. */
  readonly maxBytes: number = 100 * 1024;

  /**
   * The first problem, or null if the source compiles.
   *
   * @throws SourceChecksFullError if too many sources wait, of the tenant or of all
   */
  abstract check(source: string, tenantId: string): Promise<SourceCheckProblem | null>;
}
