/**
 * The chain of script executions that led to an event. Only the host's process writes it; nothing in it comes from a
 * script.
 */
export interface EventCause {
  /** Id of the first event of the chain: the one the host emitted. */
  rootEventId: string;
  /** Executions between the root event and this one: 0 for an event of the host. */
  depth: number;
  /**
   * How many executions this event, and all events that follow from it, may still start. The root event has the whole
   * budget; each execution and each published event gets a share of it, so that nodes need no common counter.
   */
  budget: number;
  /** The executions from the root to this event, oldest first; its length is `depth`. */
  chain: readonly CauseLink[];
}

/** One execution in a cause chain. */
export interface CauseLink {
  eventId: string;
  scriptId: string;
  executionId: string;
}
