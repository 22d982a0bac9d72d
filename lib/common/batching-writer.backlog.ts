import { Fifo } from './fifo.js';
import { Heaviest } from './heaviest.js';

/** The entries of one tenant in a backlog. */
export interface TenantEntries<E> {
  readonly tenantId: string;
  /** Waiting entries, oldest first. */
  readonly entries: Fifo<E>;
  /** Number of entries that are not settled: waiting ones, and those being written. */
  open: number;
  /** Weight of the entries that are not settled. */
  weight: number;
}

/** What a backlog needs to know of an entry. */
interface BacklogEntry<E> {
  readonly lane: TenantEntries<E>;
  readonly bytes: number;
  readonly settled: boolean;
}

/** How many removed entries may stay in the order before it is rebuilt. */
const MAX_HOLES = 64;

/**
 * The entries that wait for a {@link BatchingWriter}, in order of arrival, with each tenant's weight: the bytes and
 * number of its entries that are not settled. Each operation takes constant time on average.
 */
export class Backlog<E extends BacklogEntry<E>> {
  private order = new Fifo<E>();
  private readonly lanes = new Map<string, TenantEntries<E>>();
  private readonly weights = new Heaviest<TenantEntries<E>>(() => this.lanes.values());
  private count = 0;

  /** @param entryWeight what an entry weighs besides its bytes */
  constructor(private readonly entryWeight: number) {}

  /** Entries that wait. */
  get length(): number {
    return this.count;
  }

  laneOf(tenantId: string): TenantEntries<E> {
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
    // Entries that were displaced are still in the order.
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

  /** Whether another tenant with waiting entries weighs more than this one would with an item of this size. */
  hasHeavier(tenantId: string, bytes: number): boolean {
    const heaviest = this.weights.get();
    if (!heaviest || heaviest.entries.length === 0) return false;
    const lane = this.lanes.get(tenantId);
    const own = lane?.weight ?? 0;
    return heaviest !== lane && heaviest.weight > own + bytes + this.entryWeight;
  }

  /** Takes out the newest waiting entry of the tenant that weighs most. The caller settles it. */
  takeNewestOfHeaviest(): E | undefined {
    const entry = this.weights.get()?.entries.pop();
    if (entry) this.count -= 1;
    return entry;
  }

  /** Call it when an entry has been stored or given up. */
  settled(entry: E): void {
    const { lane } = entry;
    this.weights.add(lane, -this.weightOf(entry));
    lane.open -= 1;
    if (lane.open === 0) this.lanes.delete(lane.tenantId);
    if (this.order.length > 2 * this.count + MAX_HOLES) this.closeHoles();
  }

  /** Takes out all waiting entries. */
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
