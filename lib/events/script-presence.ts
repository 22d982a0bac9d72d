/**
 * Port: whether any script listens to an event. Answers from memory, so that an event without a listening script costs
 * the emitter next to nothing.
 */
export abstract class ScriptPresence {
  /** True if the tenant has an active or disabled script for the type, whatever its filter. */
  abstract has(eventType: string, tenantId: string): boolean;
}
