/** Whether the event buffer keeps the order that scripts ask for with `orderingKey`. */
export class OrderingSupport {
  /** @param keepsOrder called when a script needs it, because the buffer is created later than this object */
  constructor(private readonly keepsOrder: () => boolean) {}

  get available(): boolean {
    return this.keepsOrder();
  }
}

/** Why a script with an ordering key does not run, and what to do. */
export const ORDER_NEEDS_DURABLE =
  'Only the durable buffer keeps order. Set buffer.driver to "graphile-worker", or orderingKey to null.';
