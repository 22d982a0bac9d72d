/** Injection token of the `ResolvedOptions` of one application. */
export const RESOLVED_OPTIONS = Symbol('scripts-event:resolved-options');
