import { Room } from '../../../lib/sandbox/child/room.js';
import type { Lodger } from '../../../lib/sandbox/child/room.js';

class Tenant implements Lodger {
  isDisposed = false;
  constructor(public bytes = 1) {}

  dispose(): void {
    this.isDisposed = true;
  }
}

/** Share of visits that found the visitor kept, in the second half of them. */
function hits(room: Room<Tenant>, visitors: readonly number[]): number {
  let found = 0;
  for (const [at, number] of visitors.entries()) {
    const kept = room.get(number);
    if (kept && at >= visitors.length / 2) found++;
    room.keep(number, kept ?? new Tenant());
  }
  return found / (visitors.length / 2);
}

const turns = (visitors: number, rounds: number, each = 1): number[] =>
  Array.from({ length: visitors * rounds * each }, (_, visit) => Math.floor(visit / each) % visitors);

describe('Room', () => {
  test('keeps all visitors that it has room for', () => {
    expect(hits(new Room(200), turns(200, 10))).toBe(1);
  });

  test.each([1, 5])(
    'finds most visitors that take turns, %i visits each, with room for eight in ten',
    (each) => {
      const found = hits(new Room(800), turns(1_000, 40, each));
      // Of a burst all but the first are found in any case.
      expect(found).toBeGreaterThan(1 - 0.4 / each);
    },
  );

  test('finds some visitors with room for three in ten', () => {
    expect(hits(new Room(300), turns(1_000, 60))).toBeGreaterThan(0.2);
  });

  test('keeps the visitors that come often now, even if others came often before', () => {
    const room = new Room<Tenant>(100);
    hits(room, turns(1_000, 20));
    const often = Array.from({ length: 4_000 }, (_, n) => (n % 2 ? 2_000 + (n % 40) : 5_000 + n));
    hits(room, often);
    for (let n = 1; n < 40; n += 2) expect(room.get(2_000 + n)).toBeDefined();
  });

  test('never keeps more bytes than it has room for, disposes of the other visitors and names each of them once', () => {
    const room = new Room<Tenant>(10);
    const all = Array.from({ length: 30 }, () => new Tenant(3));
    for (const [number, tenant] of all.entries()) room.keep(number, tenant);
    const kept = all.filter(({ isDisposed }) => !isDisposed);
    expect(kept).toHaveLength(3);
    expect(room.fullness).toBeCloseTo(0.9);
    const left = [...room.takeLeft(20), ...room.takeLeft(20)];
    expect(left).toHaveLength(27);
    expect(left.every((number) => all[number]!.isDisposed && room.get(number) === undefined)).toBe(true);
    expect(room.takeLeft(20)).toEqual([]);
  });

  test('drops a visitor that has grown larger than the room', () => {
    const room = new Room<Tenant>(10);
    const tenant = new Tenant(3);
    room.keep(1, tenant);
    tenant.bytes = 11;
    room.keep(1, tenant);
    expect(tenant.isDisposed).toBe(true);
    expect(room.get(1)).toBeUndefined();
  });

  test('drops another visitor to make room for one that grows', () => {
    const room = new Room<Tenant>(10);
    const [first, second] = [new Tenant(4), new Tenant(4)];
    room.keep(1, first);
    room.keep(2, second);
    second.bytes = 8;
    room.keep(2, second);
    expect([first.isDisposed, second.isDisposed]).toEqual([true, false]);
  });
});
