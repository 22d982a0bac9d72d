import { ProcessAges } from '../../../lib/sandbox/process/process-ages.js';
import type { SandboxProcess } from '../../../lib/sandbox/process/sandbox-process.js';

const MAX_AGE_MS = 3_600_000;
const TEN = 10;

describe('the ages of processes', () => {
  const old: SandboxProcess[] = [];
  let ages: ProcessAges;
  const processes = Array.from({ length: TEN }, (_, n) => ({ n }) as unknown as SandboxProcess);

  beforeEach(() => {
    jest.useFakeTimers();
    old.length = 0;
    ages = new ProcessAges(MAX_AGE_MS, (process) => old.push(process));
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('end between three quarters of maxAgeMs and maxAgeMs after the first run', () => {
    for (const process of processes) ages.begins(process);
    jest.advanceTimersByTime(MAX_AGE_MS * 0.75 - 1);
    expect(old).toEqual([]);
    expect(processes.some((process) => ages.isOld(process))).toBe(false);
    jest.advanceTimersByTime(MAX_AGE_MS * 0.25 + 1);
    expect(new Set(old)).toEqual(new Set(processes));
    expect(processes.every((process) => ages.isOld(process))).toBe(true);
  });

  test('end at least half a minute apart for ten processes that began at the same moment', () => {
    for (const process of processes) ages.begins(process);
    let most = 0;
    for (let now = 0; now < MAX_AGE_MS; now += 30_000) {
      const before = old.length;
      jest.advanceTimersByTime(30_000);
      most = Math.max(most, old.length - before);
    }
    expect([old.length, most]).toEqual([TEN, 1]);
  });

  test('do not count from the start of a process that has run no script', () => {
    const [used] = processes;
    jest.advanceTimersByTime(MAX_AGE_MS * 5);
    ages.begins(used!);
    jest.advanceTimersByTime(MAX_AGE_MS * 0.7);
    expect(ages.isOld(used!)).toBe(false);
  });

  test('are forgotten with the process', () => {
    const [gone] = processes;
    ages.begins(gone!);
    ages.ended(gone!);
    jest.advanceTimersByTime(MAX_AGE_MS * 2);
    expect(old).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
