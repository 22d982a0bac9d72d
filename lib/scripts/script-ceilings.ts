/** What a script may set for itself at most, as the application's options say. */
export class ScriptCeilings {
  /**
   * @param timeoutMs `sandbox.maxTimeout`
   * @param memoryMb `sandbox.maxMemoryMb`
   */
  constructor(
    readonly timeoutMs: number,
    readonly memoryMb: number,
  ) {}
}
