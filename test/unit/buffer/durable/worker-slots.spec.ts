import { WorkerSlots } from '../../../../lib/buffer/durable/worker-slots.js';

const lane = (scriptId: string, tenantId = 'acme') => ({ scriptId, tenantId });

const slotsOf = (workerCount: number, perScript = workerCount, perTenant = workerCount) =>
  new WorkerSlots({ workerCount, runsPerScript: () => perScript, runsPerTenant: () => perTenant });

/** Whether a promise is resolved by now, and with what. */
async function stateOf<T>(promise: T | Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, Promise.resolve().then(() => 'pending' as const)]);
}

describe('worker slots', () => {
  it('let as many workers look for jobs as may run', async () => {
    const slots = slotsOf(2);
    await slots.mayAsk();
    await slots.mayAsk();
    const third = slots.mayAsk().then(() => 'asks');
    expect(await stateOf(third)).toBe('pending');
    slots.gotNone();
    expect(await third).toBe('asks');
  });

  it('run a job that fits and give its place to the next one that asks', async () => {
    const slots = slotsOf(1);
    await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    expect(slots.running).toBe(1);
    const next = slots.mayAsk().then(() => 'asks');
    expect(await stateOf(next)).toBe('pending');
    slots.leave(lane('a'));
    expect(await next).toBe('asks');
    expect(slots.running).toBe(0);
  });

  it('hold a job whose script is at its limit, let another worker ask, and run it when its script has room', async () => {
    const slots = slotsOf(2, 1);
    await slots.mayAsk();
    await slots.mayAsk();
    expect(slots.enter(lane('a'))).toBe('run');
    const held = slots.enter(lane('a'));
    expect(await stateOf(held)).toBe('pending');
    await slots.mayAsk();
    expect(slots.enter(lane('b'))).toBe('run');
    slots.leave(lane('a'));
    expect(await held).toBe('run');
    expect(slots.running).toBe(2);
  });

  it('put aside what comes after the held ones, and say what it waits for', async () => {
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

  it('count the room for a script as what could run and what could be held', async () => {
    const slots = slotsOf(4, 2);
    expect(slots.roomFor(lane('a'))).toBe(4);
    await slots.mayAsk();
    slots.enter(lane('a'));
    expect(slots.roomFor(lane('a'))).toBe(3);
    expect(slots.roomFor(lane('b'))).toBe(4);
  });

  it('give everything back that has not begun when they close, and let all workers go', async () => {
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

  it('give back held jobs when they close', async () => {
    const slots = slotsOf(2, 1);
    await slots.mayAsk();
    await slots.mayAsk();
    slots.enter(lane('a'));
    const held = slots.enter(lane('a'));
    slots.close();
    expect(await held).toBe('back');
  });
});
