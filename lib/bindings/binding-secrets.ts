/**
 * The secrets that a call may use: `secrets` in the context of a binding that is declared with `secrets: true`.
 *
 * @publicApi
 */
export interface BindingSecrets {
  /**
   * Replaces the markers of secrets in a text of the input by their values: `resolve(input.token)`. Other text is
   * returned unchanged. Keep the result out of logs, answers and errors. If an answer or an error's message contains a
   * value nevertheless, `[secret:name]` replaces it.
   *
   * Never throws: a call whose input names a secret that may not go to this binding is refused before the method is
   * called. If your code joins a text that names such a secret, that part is returned unchanged.
   */
  resolve(text: string): string;
}

/** Where a value goes: to another server, to a binding, or nowhere (`inProcess`). */
type Destination = { host: URL; inSecret?: boolean } | { binding: string } | { inProcess: true };

/** Checks, fills in and masks the secrets of a run. */
export interface SecretsInUse {
  /** Reads the values. Await it before any other method. @throws BindingCallError */
  open(): Promise<void>;
  isIn(text: string): boolean;
  begins(text: string): boolean;
  /** @throws BindingCallError for a secret in the text that may not go there */
  check(text: string, destination: Destination): void;
  /** Characters of the text once it is filled in. A short marker may stand for a long value, and occur often. */
  filledLength(text: string): number;
  /** Bytes of the text once it is filled in, before it is encoded. */
  filledBytes(text: string): number;
  fill(text: string, destination: Destination, encode?: (value: string) => string): string;
  mask(text: string): string;
  maskJson(text: string): string;
  remark(text: string): string;
}

/** For runs and bindings without secrets. */
export const NO_SECRETS: BindingSecrets = Object.freeze({ resolve: (text: string) => text });

/** The secrets of one call's context: `http.fetch` needs more than host methods. */
export class CallSecrets implements BindingSecrets {
  constructor(
    readonly inUse: SecretsInUse,
    private readonly binding: string,
  ) {}

  resolve(text: string): string {
    return this.inUse.fill(text, { binding: this.binding });
  }
}
