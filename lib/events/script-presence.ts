/**
 * Port: whether any script listens to an event. Answers from memory, so that an event without a listening script costs
 * the emitter next to nothing.
 */
export abstract class ScriptPresence {
  /** True when the tenant has an active script for the type, whatever its filter says. */
  abstract has(eventType: string, tenantId: string): boolean;
}
