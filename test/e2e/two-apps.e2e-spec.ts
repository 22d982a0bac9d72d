import { InMemoryMetricsRecorder, ScriptBinding, ScriptService } from '../../lib/index.js';
import { Gate, waitFor } from '../support/wait-for.js';
import { ADA, TestHost } from './support/test-host.js';
import { itInFull } from '../support/test-form.js';

const event = (userId: number) => ({ ...ADA, tenantId: 'acme', userId });

describe('two applications in one process', () => {
  it('on two schemas share no scripts, events and counts, and stop independently', async () => {
    const [one, two] = [await TestHost.start(), await TestHost.start()];
    await one.script(`return 'one';`);
    await two.script(`return 'two';`);
    one.emit('user.created', event(1));
    expect(await one.executed(1)).toMatchObject([{ result: 'one' }]);
    expect(await two.executions()).toEqual([]);
    expect(two.get(InMemoryMetricsRecorder).eventMetrics().eventsReceived).toBe(0);

    await one.close();
    two.emit('user.created', event(2));
    expect(await two.executed(1)).toMatchObject([{ result: 'two' }]);
    expect(await one.executions()).toHaveLength(1);
  });

  // Only in the full form: test/integration/dead-letter/retry-workers-together.spec.ts tests the workers alone.
  itInFull('on one schema share the retry work, and each dead letter runs once', async () => {
    const options = { buffer: { size: 1, workerCount: 1 }, retry: { batchSize: 3, concurrency: 2 } };
    // No run goes on before both applications have begun one, so that they share the work even if one of them is slow.
    const [both, begun] = [new Gate(), new Set<string>()];
    const meetingOf = (name: string) => {
      class Meeting {
        @ScriptBinding('meeting.others')
        async others(): Promise<void> {
          if (begun.add(name).size === 2) both.open();
          await both.opened;
        }
      }
      return Meeting;
    };
    const one = await TestHost.start({ options, providers: [meetingOf('one')] });
    const two = await TestHost.start({ database: one.database, options, providers: [meetingOf('two')] });
    const script = await one.script(
      'await meeting.others(); return [ctx.input.userId, ctx.execution.attempt];',
      { bindings: ['meeting.others'] },
    );
    // The buffer holds one event. The others become dead letters that both applications may claim.
    for (let userId = 1; userId <= 40; userId++) one.emit('user.created', event(userId));

    await waitFor('all dead letters are resolved', async () => {
      const letters = await one.deadLetters();
      return letters.length === 39 && letters.every(({ status }) => status === 'resolved');
    });
    const worked = [one, two].map((host) => host.get(InMemoryMetricsRecorder).eventMetrics().eventsProcessed);
    await Promise.all([one.close(), two.close()]);
    const results = (await one.executions(script)).map(({ result }) => result as [number, number]);
    expect(results.toSorted(([a], [b]) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => [i + 1, 1]));
    expect(worked.every((runs) => runs > 0)).toBe(true);
  });

  it("on one schema learn of each other's changes of scripts", async () => {
    const one = await TestHost.start();
    const two = await TestHost.start({ database: one.database });
    const script = await one.script('return 1;');
    await waitFor('the other application runs it', async () => {
      two.emit('user.created', event(1));
      return (await one.executions(script)).length > 0;
    });
    await two.idle();
    await one.get(ScriptService).pause('acme', script);
    const counts = two.get(InMemoryMetricsRecorder);
    await waitFor('the other application knows that it is paused', () => {
      const before = counts.eventMetrics().eventsMatched;
      two.emit('user.created', event(2));
      return counts.eventMetrics().eventsMatched === before;
    });
  });
});
