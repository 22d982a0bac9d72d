/** What is wrong with a source, and where. */
export interface SourceCheckProblem {
  /** `too-slow` when the compiler was stopped. Left out for what is no JavaScript. */
  code?: 'too-slow';
  message: string;
  /** Line of the author's source, from 1. */
  line?: number | null;
}

/** Port: compiles a source as the sandbox would, without running it. */
export abstract class SourceChecker {
  /** Bytes a source may have. 100 KiB: the sandbox's own default. */
  readonly maxBytes: number = 100 * 1024;

  /**
   * The first problem, or null when the source compiles.
   *
   * @throws SourceChecksFullError when too many sources wait, of the tenant or of all
   */
  abstract check(source: string, tenantId: string): Promise<SourceCheckProblem | null>;
}
