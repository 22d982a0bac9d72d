/** Whether the event buffer keeps the order that scripts ask for with `orderingKey`. */
export class OrderingSupport {
  constructor(readonly available: boolean) {}
}

/** Why a script with an ordering key does not run, and what to do. */
export const ORDER_NEEDS_DURABLE =
  'Order is kept by the durable buffer only: set buffer.driver to "graphile-worker", or orderingKey to null.';
