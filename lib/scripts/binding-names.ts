/** Port: says why a script can't list a binding. Gets only well-formed names. */
export abstract class BindingNames {
  /** Why a script can't list this binding, in a message that says what to write instead; null if it can. */
  abstract problemOf(name: string): string | null;
}
