import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { MemoryWatch } from '../../../lib/sandbox/process/memory-watch.js';
import { StatusFile } from '../../../lib/sandbox/process/status-file.js';
import { waitFor } from '../../support/wait-for.js';

describe('the watch over the memory of processes', () => {
  const releases: (() => unknown)[] = [];
  afterEach(() => releases.splice(0).forEach((release) => release()));

  it('judges no run whose end arrived while this process was busy', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    releases.push(() => server.close());
    await once(server, 'listening');

    let beganAt: number | undefined = performance.now();
    let looks = 0;
    const met: string[] = [];
    const watched = {
      // Above the limit from the first look on.
      status: new StatusFile(process.pid),
      memoryMb: 0,
      get runningMs() {
        looks++;
        return beganAt === undefined ? undefined : performance.now() - beganAt;
      },
      overMemory: () => void met.push('over memory'),
      runsLong: () => void met.push('runs long'),
      noteStopped: () => void met.push('stopped'),
    };
    const watch = new MemoryWatch(() => [watched], 1);
    releases.push(() => watch.stop());
    server.on('connection', () => (beganAt = undefined));
    const late = connect((server.address() as AddressInfo).port, '127.0.0.1');
    releases.push(() => late.destroy());
    watch.start();
    const until = performance.now() + 120;
    while (performance.now() < until);
    await waitFor('the watch has looked', () => looks > 0);
    expect(met).toEqual([]);

    beganAt = performance.now() - 1_000;
    await waitFor('the watch has looked again', () => met.length > 0);
    expect(met).toContain('runs long');
  });
});
