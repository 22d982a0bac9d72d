import { WorkerSlots } from '../../../../lib/buffer/durable/limits/worker-slots.js';

const lane = (scriptId: string, tenantId = 'acme') => ({ scriptId, tenantId });

const slotsOf = (workerCount: number, perScript = workerCount, perTenant = workerCount, several = false) =>
  new WorkerSlots({
    workerCount,
    runsPerScript: () => perScript,
    runsPerTenant: () => perTenant,
    severalTenants: () => several,
    isHeavy: (tenantId) => tenantId.startsWith('heavy') && !light.has(tenantId),
  });
/** Tenants that are no longer heavy. */
const light = new Set<string>();

/** Ends a run and stores its result immediately. */
function end(slots: WorkerSlots, { scriptId, tenantId }: ReturnType<typeof lane>): void {
  slots.runEnded({ scriptId, tenantId });
  slots.leave();
}

/** The value of a promise that is resolved by now, else `pending`. */
async function stateOf<T>(promise: T | Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, Promise.resolve().then(() => 'pending' as const)]);
}

describe('worker slots', () => {
  it('let only as many workers ask for jobs as there are slots', async () => {
    const slots = slotsOf(2);
    await slots.mayAsk();
    await slots.mayAsk();
    const third = slots.mayAsk().then(() => 'asks');
    expect(await stateOf(third)).toBe('pending');
    slots.gotNone();
    expect(await third).toBe('asks');
  });

  it('run a job, and give its slot to the next worker that asks', async () => {
    const slots = slotsOf(1);
    await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    expect(slots.running).toBe(1);
    const next = slots.mayAsk().then(() => 'asks');
    expect(await stateOf(next)).toBe('pending');
    end(slots, lane('a'));
    expect(await next).toBe('asks');
    expect(slots.running).toBe(0);
  });

  it('run no job of a heavy tenant on a kept worker, and run it when another worker is free', async () => {
    const slots = slotsOf(4, 4, 4, true);
    for (let worker = 0; worker < 4; worker++) await slots.mayAsk();
    for (const one of ['1', '2', '3']) expect(slots.enter(lane(one, `heavy ${one}`))).toBe('run');
    const held = slots.enter(lane('4', 'heavy 4'));
    expect(await stateOf(held)).toBe('pending');
    await slots.mayAsk();
    expect(slots.enter(lane('s', 'light'))).toBe('run');
    end(slots, lane('s', 'light'));
    expect(await stateOf(held)).toBe('pending');
    end(slots, lane('1', 'heavy 1'));
    expect(await held).toBe('run');
  });

  it('run a job on a kept worker as soon as its tenant is no longer heavy', async () => {
    const slots = slotsOf(4, 4, 4, true);
    for (let worker = 0; worker < 4; worker++) await slots.mayAsk();
    for (const one of ['1', '2', '3']) expect(slots.enter(lane(one, `heavy ${one}`))).toBe('run');
    const held = slots.enter(lane('4', 'heavy 4'));
    slots.tenantIsLight();
    expect(await stateOf(held)).toBe('pending');
    light.add('heavy 4');
    slots.tenantIsLight();
    expect(await held).toBe('run');
  });

  it('lend such a job the place of a worker that looks for a job, and run no more jobs than there are workers', async () => {
    const slots = slotsOf(4, 4, 4, true);
    for (let worker = 0; worker < 4; worker++) await slots.mayAsk();
    for (const one of ['1', '2', '3']) expect(slots.enter(lane(one, `heavy ${one}`))).toBe('run');
    const held = [slots.enter(lane('5', 'heavy 5'))];
    await slots.mayAsk();
    held.push(slots.enter(lane('6', 'heavy 6')));
    await slots.mayAsk();
    light.add('heavy 5').add('heavy 6');
    slots.tenantIsLight();
    expect(await Promise.all(held.map(stateOf))).toEqual(['run', 'pending']);
    const late = slots.enter(lane('7', 'light'));
    expect(await stateOf(late)).toBe('pending');
    expect(slots.running).toBe(4);
    end(slots, lane('5', 'heavy 5'));
    expect(await held[1]).toBe('run');
    expect(await stateOf(late)).toBe('pending');
    end(slots, lane('6', 'heavy 6'));
    expect(await late).toBe('run');
    expect(slots.running).toBe(4);
  });

  it('have the lent place again when the worker that looked for a job found none', async () => {
    const slots = slotsOf(2, 2, 2, true);
    for (let worker = 0; worker < 2; worker++) await slots.mayAsk();
    expect(slots.enter(lane('1', 'heavy 1'))).toBe('run');
    const held = slots.enter(lane('8', 'heavy 8'));
    await slots.mayAsk();
    light.add('heavy 8');
    slots.tenantIsLight();
    expect(await held).toBe('run');
    slots.gotNone();
    const next = slots.mayAsk().then(() => 'asks');
    expect(await stateOf(next)).toBe('pending');
    end(slots, lane('8', 'heavy 8'));
    expect(await next).toBe('asks');
  });

  it('let a job wait whose script is at its limit, let another worker ask, and run the job when its script has room', async () => {
    const slots = slotsOf(2, 1);
    await slots.mayAsk();
    await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    const held = slots.enter(lane('a'));
    expect(await stateOf(held)).toBe('pending');
    await slots.mayAsk();
    expect(slots.enter(lane('b'))).toBe('run');
    end(slots, lane('a'));
    expect(await held).toBe('run');
    expect(slots.running).toBe(2);
  });

  it('park a job for which no place is left to wait, and name the limit that it waits for', async () => {
    const slots = slotsOf(3, 1, 2);
    for (let i = 0; i < 3; i++) await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    void slots.enter(lane('a'));
    expect(slots.enter(lane('a'))).toBe('park');
    expect(slots.reasonFor(lane('a'))).toBe('script-busy');
    slots.leaveUnrun();
    await slots.mayAsk();
    expect(slots.enter(lane('b'))).toBe('run');
    expect(slots.reasonFor(lane('c'))).toBe('tenant-busy');
  });

  it('count the room for a script as the jobs that could run and the jobs that could wait', async () => {
    const slots = slotsOf(4, 2);
    expect(slots.roomFor(lane('a'))).toBe(4);
    await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    expect(slots.roomFor(lane('a'))).toBe(3);
    expect(slots.roomFor(lane('b'))).toBe(4);
  });

  it('return jobs that come after they close, and let waiting workers go', async () => {
    const slots = slotsOf(1, 1);
    await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    const waiting = slots.mayAsk().then(() => 'asks');
    slots.close();
    expect(await waiting).toBe('asks');
    expect(slots.enter(lane('b'))).toBe('back');
    slots.leaveUnrun();
    expect(slots.roomFor(lane('b'))).toBe(0);
  });

  it('return taken jobs when they close', async () => {
    const slots = slotsOf(2, 1);
    await slots.mayAsk();
    await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    const held = slots.enter(lane('a'));
    slots.close();
    expect(await held).toBe('back');
  });
});

describe('worker slots that several tenants share', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  /** The states of jobs, each at its own position: `run`, `park`, `back`, or `held` while it waits. */
  const jobsOf = (slots: WorkerSlots) => {
    const states: string[] = [];
    const enter = async (scriptId: string, tenantId: string): Promise<number> => {
      await slots.mayAsk();
      const at = states.push('held') - 1;
      void Promise.resolve(slots.enter(lane(scriptId, tenantId))).then(
        (admission) => (states[at] = admission),
      );
      await settled();
      return at;
    };
    return { states, enter };
  };
  const settled = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const patienceEnds = async () => {
    jest.advanceTimersByTime(50);
    await settled();
  };

  /** A tenant with a script for each run: it has all the runs that it may have, and as many taken jobs as may wait. */
  async function flooded(workerCount: number, perScript = workerCount) {
    const slots = slotsOf(workerCount, perScript, workerCount, true);
    const jobs = jobsOf(slots);
    const count = 2 * workerCount - Math.max(1, workerCount / 4);
    for (let at = 0; at < count; at++) await jobs.enter(`loud ${at}`, 'loud');
    return { slots, ...jobs };
  }

  it.each([
    [2, 1],
    [4, 3],
    [10, 8],
    [256, 192],
  ])(
    'keep a quarter of %i workers, and at least one, for tenants of which nothing runs',
    async (count, may) => {
      const slots = slotsOf(count, count, count, true);
      const { states, enter } = jobsOf(slots);
      for (let at = 0; at < count; at++) await enter(`loud ${at}`, 'loud');
      expect(slots.running).toBe(may);
      const quiet = await enter('a', 'quiet');
      expect(states[quiet]).toBe('run');
    },
  );

  it('give a free slot to the taken job of the tenant with the fewest runs', async () => {
    const slots = slotsOf(8, 8, 8, true);
    const { states, enter } = jobsOf(slots);
    for (let at = 0; at < 8; at++) await enter(`loud ${at}`, 'loud');
    await enter('a', 'quiet');
    await enter('b', 'quiet');
    expect(states.slice(6)).toEqual(['held', 'held', 'run', 'held']);
    end(slots, lane('loud 0', 'loud'));
    end(slots, lane('loud 1', 'loud'));
    await settled();
    expect(states.slice(6)).toEqual(['held', 'held', 'run', 'run']);
  });

  it('let a job wait 50 ms for a place among the taken jobs, and park it if no run ends meanwhile', async () => {
    const { slots, states, enter } = await flooded(4);
    expect(states).toEqual([...Array(3).fill('run'), ...Array(4).fill('held')]);
    const late = await enter('late', 'loud');
    jest.advanceTimersByTime(49);
    await settled();
    expect(states[late]).toBe('held');
    await patienceEnds();
    expect(states[late]).toBe('park');
    expect(slots.reasonFor(lane('late', 'loud'))).toBe('tenant-busy');
    slots.leaveUnrun();
    expect(states[await enter('a', 'quiet')]).toBe('run');
  });

  it('park no job of a burst whose runs end within 50 ms each', async () => {
    const { slots, states, enter } = await flooded(4);
    const late = await enter('late', 'loud');
    for (let at = 0; at < states.length; at++) {
      end(slots, lane(`loud ${at}`, 'loud'));
      await patienceEnds();
    }
    expect(states[late]).toBe('run');
    expect(new Set(states)).toEqual(new Set(['run']));
  });

  it('replace the newest taken job of the tenant with the most by a new job, until both tenants have as many', async () => {
    const { slots, states, enter } = await flooded(8);
    expect(states).toEqual([...Array(6).fill('run'), ...Array(8).fill('held')]);
    expect(states[await enter('a', 'quiet')]).toBe('run');
    for (let at = 0; at < 5; at++) {
      await enter(`b ${at}`, 'quiet');
      await patienceEnds();
      slots.leaveUnrun();
    }
    expect(states.slice(6, 14)).toEqual([...Array(4).fill('held'), ...Array(4).fill('park')]);
    expect(states.slice(15)).toEqual([...Array(4).fill('held'), 'park']);
  });

  it('immediately replace a taken job by one whose script is at its limit', async () => {
    const { slots, states, enter } = await flooded(8, 1);
    expect(states[await enter('a', 'quiet')]).toBe('run');
    expect(states[await enter('a', 'quiet')]).toBe('held');
    expect(states.filter((state) => state === 'park')).toHaveLength(1);
    expect(slots.reasonFor(lane('a', 'quiet'))).toBe('script-busy');
    end(slots, lane('a', 'quiet'));
    await settled();
    expect(states.at(-1)).toBe('run');
  });

  it('count the room for a script without slots kept for others, taken jobs and jobs on their way', async () => {
    const slots = slotsOf(8, 8, 8, true);
    const { enter } = jobsOf(slots);
    expect(slots.roomFor(lane('a', 'loud'))).toBe(6 + 8);
    expect(slots.roomFor(lane('a', 'loud'), 10)).toBe(4);
    for (let at = 0; at < 10; at++) await enter(`loud ${at}`, 'loud');
    expect(slots.roomFor(lane('a', 'loud'))).toBe(4);
    expect(slots.roomFor(lane('a', 'quiet'))).toBe(1 + 4);
    for (let at = 10; at < 14; at++) await enter(`loud ${at}`, 'loud');
    expect(slots.roomFor(lane('a', 'loud'))).toBe(0);
    // It has no runs, and half of the other tenant's taken jobs would give way to it.
    expect(slots.roomFor(lane('a', 'quiet'))).toBe(1 + 4);
  });

  it('return taken jobs, and jobs that wait to become one, when they close', async () => {
    const { slots, states, enter } = await flooded(4);
    await enter('late', 'loud');
    slots.close();
    await settled();
    expect(states).toEqual([...Array(3).fill('run'), ...Array(5).fill('back')]);
    await patienceEnds();
    expect(states.filter((state) => state === 'park')).toEqual([]);
  });

  describe('while results are being stored', () => {
    it('run other jobs, up to two more for each worker, and then one more for each result that is stored', async () => {
      const slots = slotsOf(2);
      for (let job = 0; job < 2; job++) {
        await slots.mayAsk();
        expect(slots.enter(lane('a'))).toBe('run');
      }
      for (const storing of [1, 2, 3, 4]) {
        slots.runEnded(lane('a'));
        await slots.mayAsk();
        expect(slots.enter(lane('a'))).toBe('run');
        expect([slots.running, slots.storing]).toEqual([2, storing]);
      }
      const next = [slots.mayAsk().then(() => 'asks'), slots.mayAsk().then(() => 'asks')];
      slots.runEnded(lane('a'));
      slots.runEnded(lane('a'));
      expect([slots.running, slots.storing]).toEqual([0, 6]);
      expect(await Promise.all(next.map(stateOf))).toEqual(['pending', 'pending']);
      slots.leave();
      expect(await Promise.all(next.map(stateOf))).toEqual(['asks', 'pending']);
      slots.leave();
      expect(await next[1]).toBe('asks');
      expect(slots.storing).toBe(4);
    });

    it('do not count a job whose result is being stored against the limits of its script and tenant', async () => {
      const slots = slotsOf(4, 1, 1);
      await slots.mayAsk();
      expect(slots.enter(lane('a'))).toBe('run');
      await slots.mayAsk();
      const held = slots.enter(lane('a'));
      expect(await stateOf(held)).toBe('pending');
      slots.runEnded(lane('a'));
      expect(await held).toBe('run');
      expect([slots.running, slots.storing]).toEqual([1, 1]);
    });

    it('start a taken job when a run ends, even if no slot becomes free', async () => {
      const slots = slotsOf(2, 2, 2, true);
      for (let storing = 0; storing < slots.storable; storing++) {
        await slots.mayAsk();
        expect(slots.enter(lane('quiet', 'quiet'))).toBe('run');
        slots.runEnded(lane('quiet', 'quiet'));
      }
      await slots.mayAsk();
      expect(slots.enter(lane('loud', 'loud'))).toBe('run');
      const held: (string | Promise<string>)[] = [];
      for (let job = 0; job < 3; job++) {
        await slots.mayAsk();
        held.push(slots.enter(lane(`loud ${job}`, 'loud')));
      }
      slots.runEnded(lane('loud', 'loud'));
      expect(await Promise.all(held.map((job) => stateOf(job)))).toEqual(['pending', 'pending', 'run']);
      expect([slots.running, slots.storing]).toEqual([1, slots.storable + 1]);
    });

    it('start no job after they close', async () => {
      const slots = slotsOf(1);
      await slots.mayAsk();
      expect(slots.enter(lane('a'))).toBe('run');
      slots.close();
      slots.runEnded(lane('a'));
      expect(slots.enter(lane('b'))).toBe('back');
      slots.leaveUnrun();
      slots.leave();
      expect([slots.running, slots.storing]).toEqual([0, 0]);
    });
  });
});
