/**
 * How an event came about: the chain of script executions that led to it.
 * Written by the host process only; nothing in it comes from a script.
 */
export interface EventCause {
  /** Id of the first event of the chain: the one the host emitted. */
  rootEventId: string;
  /** Executions between the root event and this one: 0 for an event of the host. */
  depth: number;
  /**
   * Executions that this event and all that follow from it may still start. The root event begins with the whole
   * budget; each execution and each published event receives its share, so that no counter has to be shared by nodes.
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
