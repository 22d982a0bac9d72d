/**
 * Port: whether anybody would hear an event. Answered from memory, so that an event no script listens to costs the
 * emitter next to nothing.
 */
export abstract class ScriptPresence {
  /** True when the tenant has an active script for the type, whatever its filter says. */
  abstract has(eventType: string, tenantId: string): boolean;
}
