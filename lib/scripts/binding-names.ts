/**
 * Port: what is known of the application's bindings. That a name is well formed is checked before it is asked.
 */
export abstract class BindingNames {
  /** Why a script cannot have the binding in its list, in words that say what to write instead; null when it can. */
  abstract problemOf(name: string): string | null;
}
