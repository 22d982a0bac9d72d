/** The highest limits that a script may set for itself, from the application's options. */
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
