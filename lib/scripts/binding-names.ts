/** Port: says why a script can't have a binding. Well-formed names only: the form is checked before. */
export abstract class BindingNames {
  /** Why a script can't list this binding, in a message that says what to write instead; null if it can. */
  abstract problemOf(name: string): string | null;
}
