import { Fifo } from './fifo.js';
import { Heaviest } from './heaviest.js';

/** What one tenant has in a backlog. */
export interface Lane<E> {
  readonly tenantId: string;
  /** What waits, oldest first. */
  readonly entries: Fifo<E>;
  /** Entries that are not settled: those that wait, and those that are being written. */
  open: number;
  /** Of the entries that are not settled. */
  weight: number;
}

/** What a backlog needs to know of an entry. */
interface BacklogEntry<E> {
  readonly lane: Lane<E>;
  readonly bytes: number;
  readonly settled: boolean;
}

/** Taken-out entries that may stay in the order before it is made anew. */
const MAX_HOLES = 64;

/**
 * What waits for a {@link BatchingWriter}, in the order in which it came, with the weight of each tenant in it: the bytes
 * and number of its entries that are not settled. Each operation takes constant time on average.
 */
export class Backlog<E extends BacklogEntry<E>> {
  private order = new Fifo<E>();
  private readonly lanes = new Map<string, Lane<E>>();
  private readonly weights = new Heaviest<Lane<E>>(() => this.lanes.values());
  private count = 0;

  /** @param entryWeight what an entry weighs besides its bytes */
  constructor(private readonly entryWeight: number) {}

  /** Entries that wait. */
  get length(): number {
    return this.count;
  }

  laneOf(tenantId: string): Lane<E> {
    let lane = this.lanes.get(tenantId);
    if (!lane) this.lanes.set(tenantId, (lane = { tenantId, entries: new Fifo(), open: 0, weight: 0 }));
    return lane;
  }

  push(entry: E): void {
    this.order.push(entry);
    entry.lane.entries.push(entry);
    entry.lane.open += 1;
    this.weights.add(entry.lane, this.weightOf(entry));
    this.count += 1;
  }

  peek(): E | undefined {
    // Items that gave way to others are still in the order.
    while (this.order.peek()?.settled) this.order.shift();
    return this.order.peek();
  }

  shift(): E | undefined {
    const entry = this.peek();
    if (!entry) return undefined;
    this.order.shift();
    entry.lane.entries.shift();
    this.count -= 1;
    return entry;
  }

  /** Whether the tenant with most has more than this one would have with an item of so many bytes, and has any that waits. */
  hasHeavier(tenantId: string, bytes: number): boolean {
    const heaviest = this.weights.get();
    if (!heaviest || heaviest.entries.length === 0) return false;
    const lane = this.lanes.get(tenantId);
    const own = lane?.weight ?? 0;
    return heaviest !== lane && heaviest.weight > own + bytes + this.entryWeight;
  }

  /** The caller settles it. */
  takeNewestOfHeaviest(): E | undefined {
    const entry = this.weights.get()?.entries.pop();
    if (entry) this.count -= 1;
    return entry;
  }

  /** An entry is stored or given up. */
  settled(entry: E): void {
    const { lane } = entry;
    this.weights.add(lane, -this.weightOf(entry));
    lane.open -= 1;
    if (lane.open === 0) this.lanes.delete(lane.tenantId);
    if (this.order.length > 2 * this.count + MAX_HOLES) this.closeHoles();
  }

  /** Takes out everything that waits. */
  clear(): E[] {
    const left: E[] = [];
    for (let entry = this.shift(); entry; entry = this.shift()) left.push(entry);
    return left;
  }

  private closeHoles(): void {
    const order = new Fifo<E>();
    for (let entry = this.order.shift(); entry; entry = this.order.shift())
      if (!entry.settled) order.push(entry);
    this.order = order;
  }

  private weightOf(entry: E): number {
    return entry.bytes + this.entryWeight;
  }
}
