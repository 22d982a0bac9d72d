/** Whether the event buffer keeps the order that scripts ask for with `orderingKey`. */
export class OrderingSupport {
  /** @param keepsOrder asked when a script needs it: the buffer is made after what this is given to */
  constructor(private readonly keepsOrder: () => boolean) {}

  get available(): boolean {
    return this.keepsOrder();
  }
}

/** Why a script with an ordering key does not run, and what to do. */
export const ORDER_NEEDS_DURABLE =
  'Only the durable buffer keeps order. Set buffer.driver to "graphile-worker", or orderingKey to null.';
