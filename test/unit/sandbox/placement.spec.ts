import { Placement } from '../../../lib/sandbox/process/placement.js';
import type { Placed } from '../../../lib/sandbox/process/placement.js';
import type { PreparedRun } from '../../../lib/sandbox/prepared-run.js';
import { RunQueue } from '../../../lib/sandbox/process/run-queue.js';
import type { BegunRun } from '../../../lib/sandbox/process/run-queue.js';
import type { SandboxProcess } from '../../../lib/sandbox/process/sandbox-process.js';

interface Fake {
  name: string;
  state: 'idle' | 'busy';
  idleSince: number;
  fullness: number;
  homes: Set<string>;
  isWarmFor(home: string): boolean;
}

describe('Placement', () => {
  let queue: RunQueue;
  let processes: Fake[];
  let placement: Placement;
  const clock = jest.spyOn(performance, 'now');
  let now = 0;

  const add = (name: string, state: Fake['state'], homes: string[], fullness = 0.5): void => {
    const own = new Set(homes);
    processes.push({
      name,
      state,
      idleSince: processes.length,
      fullness,
      homes: own,
      isWarmFor: (home) => own.has(home),
    });
  };
  const enqueue = (...tenants: string[]): void => {
    for (const tenantId of tenants) void queue.add({ tenantId } as PreparedRun);
  };
  const next = (restingOnly = false): string | undefined => {
    const placed = placement.next({ restingOnly });
    if (!placed) return undefined;
    ends.push(placed.entry.begin());
    return told(placed);
  };
  const told = ({ entry, process }: Placed): string =>
    `${entry.run.tenantId} in ${(process as unknown as Fake).name}`;
  let ends: BegunRun[];

  beforeEach(() => {
    now = 0;
    clock.mockImplementation(() => now);
    queue = new RunQueue();
    processes = [];
    ends = [];
    placement = new Placement(queue, processes as unknown as SandboxProcess[], ({ run }) => run.tenantId);
  });
  afterAll(() => clock.mockRestore());

  test('places the next run in the process that was busy last if no run has its home in an idle process', () => {
    add('old', 'idle', []);
    add('new', 'idle', []);
    enqueue('a', 'b');
    expect([next(), next(), next()]).toEqual(['a in new', 'b in new', undefined]);
  });

  test('places the first of 32 runs that has its home in an idle process', () => {
    add('one', 'idle', ['t31', 't33']);
    add('two', 'idle', ['t30']);
    enqueue(...Array.from({ length: 40 }, (_, n) => `t${n}`));
    expect([next(), next(), next()]).toEqual(['t30 in two', 't31 in one', 't33 in one']);
  });

  test('passes over no run more than 32 times', () => {
    add('one', 'idle', ['hot']);
    enqueue('cold');
    for (let turn = 0; turn < 32; turn++) {
      enqueue('hot');
      expect(next()).toBe('hot in one');
      ends.pop()!.ended();
    }
    enqueue('hot');
    expect(next()).toBe('cold in one');
  });

  test('passes over no run for longer than 10 ms', () => {
    add('one', 'idle', ['hot', 'warm']);
    enqueue('cold', 'hot');
    expect(next()).toBe('hot in one');
    now = 11;
    enqueue('warm');
    expect(next()).toBe('cold in one');
  });

  test('never places a run of a tenant that has another one before a run of a tenant that has none', () => {
    add('one', 'idle', ['runs']);
    enqueue('runs');
    expect(next()).toBe('runs in one');
    enqueue('runs', 'rests');
    expect(next()).toBe('rests in one');
    expect(next(true)).toBeUndefined();
    expect(next()).toBe('runs in one');
  });

  test('lets a run wait 10 ms for its busy home', () => {
    add('busy', 'busy', ['a']);
    add('idle', 'idle', []);
    enqueue('a');
    expect(next()).toBeUndefined();
    expect(placement.lookAgainMs).toBe(10);
    now = 9;
    expect(next()).toBeUndefined();
    now = 10;
    expect(next()).toBe('a in idle');
    expect(placement.lookAgainMs).toBeUndefined();
  });

  test('lets a run wait 2 ms for its busy home if the idle process has less than half as much in its homes, and places others meanwhile', () => {
    add('busy', 'busy', ['a'], 0.3);
    add('idle', 'idle', [], 0.14);
    enqueue('a', 'b');
    expect(next()).toBe('b in idle');
    expect(next()).toBeUndefined();
    now = 2;
    expect(next()).toBe('a in idle');
  });

  test('lets a run wait longer for its busy home on a machine on which runs take longer, up to 100 ms', () => {
    add('busy', 'busy', ['a']);
    add('idle', 'idle', []);
    enqueue('a');
    for (let n = 0; n < 500; n++) placement.ran(4);
    expect(next()).toBeUndefined();
    expect(placement.lookAgainMs).toBeCloseTo(80, 0);
    for (let n = 0; n < 500; n++) placement.ran(10_000);
    expect(next()).toBeUndefined();
    expect(placement.lookAgainMs).toBe(100);
  });

  test('makes a home in the process that was busy last, if that is less than half full', () => {
    add('emptier', 'idle', [], 0.1);
    add('latest', 'idle', [], 0.49);
    enqueue('a');
    expect(next()).toBe('a in latest');
  });

  test('makes a home in the process with the most room if all are half full', () => {
    add('roomier', 'idle', [], 0.7);
    add('roomy', 'idle', [], 0.9);
    add('full', 'idle', [], 1);
    enqueue('a', 'b', 'c');
    expect(next()).toBe('a in roomier');
    processes[0]!.state = 'busy';
    expect(next()).toBe('b in roomy');
    processes[1]!.state = 'busy';
    expect(next()).toBe('c in full');
  });

  test('makes a second home in a process with room', () => {
    add('busy', 'busy', ['a']);
    add('roomy', 'idle', [], 0.9);
    add('full', 'idle', [], 1);
    enqueue('a');
    expect(next()).toBeUndefined();
    now = 10;
    expect(next()).toBe('a in roomy');
  });

  test('places no run while no process is idle', () => {
    add('busy', 'busy', []);
    enqueue('a');
    expect(next()).toBeUndefined();
    expect(placement.lookAgainMs).toBeUndefined();
  });

  test('makes a second home if runs waited for a busy home all the time while a process was idle', () => {
    add('busy', 'busy', ['a']);
    add('idle', 'idle', [], 0.2);
    for (; now < 2; now += 0.5) {
      enqueue('a');
      expect(next()).toBeUndefined();
      queue.first(1)[0]!.begin().ended();
    }
    enqueue('a');
    expect(next()).toBe('a in idle');
  });

  test('makes no second home if the other process had work meanwhile', () => {
    add('busy', 'busy', ['a']);
    add('idle', 'idle', ['b'], 0.2);
    enqueue('a');
    for (; now < 10; now += 1) {
      expect(next()).toBeUndefined();
      queue.first(1)[0]!.begin().ended();
      enqueue('a', 'b');
      expect(next()).toBe('b in idle');
      ends.pop()!.ended();
    }
  });
});

describe('homes', () => {
  const nobodysHome = { state: 'idle', fullness: 0.5, idleSince: 0, isWarmFor: () => false };
  const everybodysHome = { ...nobodysHome, isWarmFor: () => true };
  const queue = new RunQueue();
  let processes: (typeof nobodysHome)[];
  const placement = new Placement(
    queue,
    { [Symbol.iterator]: () => (processes as unknown as SandboxProcess[])[Symbol.iterator]() },
    ({ run }) => run.tenantId,
  );
  const place = (process: typeof nobodysHome, times: number): boolean => {
    processes = [process];
    for (let n = 0; n < times; n++) {
      void queue.add({ tenantId: `t${n}` } as PreparedRun);
      placement.next({})!.entry.begin().ended();
    }
    return placement.areHomesUsedAgain;
  };

  test('count as used again unless nearly every run had to make one', () => {
    expect(placement.areHomesUsedAgain).toBe(true);
    expect(place(nobodysHome, 50)).toBe(true);
    expect(place(nobodysHome, 50)).toBe(false);
    expect(place(everybodysHome, 3)).toBe(true);
    expect(place(nobodysHome, 50)).toBe(false);
    void queue.add({ tenantId: 'a' } as PreparedRun);
    void queue.add({ tenantId: 'b' } as PreparedRun);
    void queue.add({ tenantId: 'c' } as PreparedRun);
    for (let n = 0; n < 3; n++)
      placement
        .ahead(
          () => true,
          () => false,
          {},
        )!
        .begin()
        .ended();
    expect(placement.areHomesUsedAgain).toBe(true);
  });
});

describe('a run that is sent ahead', () => {
  const NOBODY: SandboxProcess[] = [];
  let now = 0;
  let queue: RunQueue;
  let placement: Placement;
  /** The tenant whose run is in the process. */
  let current: string | undefined;
  const enqueue = (...tenants: string[]): void => {
    for (const tenantId of tenants) void queue.add({ tenantId } as PreparedRun);
  };
  /** Takes the run of the first of these tenants whose turn has come. */
  const ahead = (...tenants: string[]): string | undefined => {
    const entry = placement.ahead(
      ({ run }) => tenants.includes(run.tenantId),
      ({ run }) => run.tenantId === current,
      {},
    );
    entry?.begin().ended();
    return entry?.run.tenantId;
  };

  beforeEach(() => {
    now = 0;
    current = undefined;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    queue = new RunQueue();
    placement = new Placement(queue, NOBODY, ({ run }) => run.tenantId);
  });
  afterEach(() => jest.restoreAllMocks());

  test('is the first run in the queue that the process accepts', () => {
    enqueue('a', 'b', 'c');
    expect([ahead('c', 'b'), ahead('c', 'b'), ahead('c', 'b')]).toEqual(['b', 'c', undefined]);
  });

  test.each([
    [0.05, 8],
    [0.15, 6],
    [0.33, 3],
    [0.4, 2],
    [0.6, 1],
    [30, 1],
  ])(
    'has as many others with it as take a millisecond together: runs of %f ms, %i ahead',
    (durationMs, most) => {
      expect(placement.mostAhead).toBe(1);
      for (let ended = 0; ended < 500; ended++) placement.ran(durationMs);
      expect(placement.mostAhead).toBe(most);
    },
  );

  test('passes over no run more than 32 times', () => {
    enqueue('cold');
    for (let turn = 0; turn < 32; turn++) {
      enqueue('hot');
      expect(ahead('hot')).toBe('hot');
    }
    enqueue('hot');
    expect(ahead('hot')).toBeUndefined();
  });

  test('passes over no run for longer than 10 ms', () => {
    enqueue('cold', 'hot');
    expect(ahead('hot')).toBe('hot');
    now = 10;
    enqueue('hot');
    expect(ahead('hot')).toBeUndefined();
  });

  test('has the home that the process is using, as long as it may pass over the others', () => {
    current = 'c';
    enqueue('a', 'b', 'c');
    expect(ahead('a', 'b', 'c')).toBe('c');
    for (let turn = 1; turn < 32; turn++) {
      enqueue('c');
      expect(ahead('a', 'b', 'c')).toBe('c');
    }
    enqueue('c');
    expect(ahead('a', 'b', 'c')).toBe('a');
    expect(ahead('a', 'b', 'c')).toBe('b');
    expect(ahead('a', 'b', 'c')).toBe('c');
  });

  test('never passes over a run that was put back', () => {
    enqueue('back', 'hot');
    queue.first(1)[0]!.begin().putBack();
    enqueue('hot');
    expect(ahead('hot')).toBe('hot');
    enqueue('hot');
    expect(ahead('hot', 'back')).toBeUndefined();
  });

  test('never belongs to a tenant that has a run in a process while a tenant without one waits', () => {
    enqueue('runs');
    queue.first(1)[0]!.begin();
    enqueue('runs', 'rests');
    expect(ahead('runs')).toBeUndefined();
    expect(ahead('rests')).toBe('rests');
    expect(ahead('runs')).toBe('runs');
  });
});
