/**
 * The secrets that a call may use: `secrets` in the context of a binding that is declared with `secrets: true`.
 *
 * @publicApi
 */
export interface BindingSecrets {
  /**
   * A text of the input with the values of secrets in place of what stands for them: `resolve(input.token)`. Text without any
   * comes back as it is. Keep what it returns out of logs, answers and errors; an answer and an error's message that has a value
   * all the same gets `[secret:name]` in its place.
   *
   * Never throws: a call whose input names a secret that may not go to this binding is refused before the method is called.
   * If your code puts the text together from parts, and it then names such a secret, that part comes back as it is.
   */
  resolve(text: string): string;
}

/** Where a value would go; `inProcess`: nowhere. */
type Destination = { host: URL; inSecret?: boolean } | { binding: string } | { inProcess: true };

/** What is done with the secrets of a run here. */
export interface SecretsInUse {
  /** To be awaited before anything else. @throws BindingCallError */
  open(): Promise<void>;
  isIn(text: string): boolean;
  begins(text: string): boolean;
  /** @throws BindingCallError for a secret in the text that may not go there */
  check(text: string, destination: Destination): void;
  /** Characters of the text with values in it. A short marker may stand for a long value, and many for many. */
  filledLength(text: string): number;
  fill(text: string, destination: Destination, encode?: (value: string) => string): string;
  mask(text: string): string;
  maskJson(text: string): string;
  remark(text: string): string;
}

/** For runs and bindings without secrets. */
export const NO_SECRETS: BindingSecrets = Object.freeze({ resolve: (text: string) => text });

/** What the context of a call has: `http.fetch` needs more than methods of the host. */
export class CallSecrets implements BindingSecrets {
  constructor(
    readonly inUse: SecretsInUse,
    private readonly binding: string,
  ) {}

  resolve(text: string): string {
    return this.inUse.fill(text, { binding: this.binding });
  }
}
