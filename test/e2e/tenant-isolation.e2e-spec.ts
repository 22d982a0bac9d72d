import { DeadLetterService, ExecutionService, ScriptService } from '../../lib/index.js';
import { HeldScripts, HOLD, HOLDING } from './support/held-scripts.js';
import { ADA, sharedHost, TestHost } from './support/test-host.js';

const THEIRS = 'globex';
const by = 'mallory';

describe('ids of another tenant', () => {
  const shared = sharedHost(() =>
    TestHost.start({ options: { retry: { maxRetries: 0 } }, providers: [HeldScripts] }),
  );
  let host: TestHost;
  let script: string;
  let execution: string;
  let deadLetter: string;

  beforeEach(async () => {
    host = shared();
    script = await host.script(`throw new Error('ours');`);
    host.emit('user.created', { ...ADA, tenantId: 'acme' });
    deadLetter = (await host.deadLetter('exhausted', script)).id;
    const [row] = await host.executed(1, script);
    execution = row?.id ?? '';
  });

  it('are unknown to every method of ScriptService, and nothing changes', async () => {
    const scripts = host.get(ScriptService);
    const before = await scripts.get('acme', script);
    const acts: Record<string, () => Promise<unknown>> = {
      get: () => scripts.get(THEIRS, script),
      getSource: () => scripts.getSource(THEIRS, script),
      getVersion: () => scripts.getVersion(THEIRS, script, 1),
      listVersions: () => scripts.listVersions(THEIRS, script),
      update: () => scripts.update(THEIRS, script, { name: 'stolen' }, by),
      updateSource: () => scripts.updateSource(THEIRS, script, 'return 666;', { by }),
      activate: () => scripts.activate(THEIRS, script, by),
      pause: () => scripts.pause(THEIRS, script, { by }),
      disable: () => scripts.disable(THEIRS, script, { by, reason: 'harm' }),
      archive: () => scripts.archive(THEIRS, script, by),
      restore: () => scripts.restore(THEIRS, script, by),
      delete: () => scripts.delete(THEIRS, script, by),
    };
    for (const [name, act] of Object.entries(acts)) {
      const error: unknown = await act().catch((thrown: unknown) => thrown);
      expect({ name, error }).toEqual({ name, error: expect.objectContaining({ code: 'script-not-found' }) });
    }
    expect(await scripts.find(THEIRS, script)).toBeNull();
    expect((await scripts.list(THEIRS)).items).toEqual([]);
    expect(await scripts.count(THEIRS)).toBe(0);
    expect(await scripts.get('acme', script)).toEqual(before);
  });

  it('are unknown to every method of ExecutionService, and nothing runs', async () => {
    const executions = host.get(ExecutionService);
    await expect(executions.get(THEIRS, execution)).rejects.toMatchObject({ code: 'execution-not-found' });
    await expect(executions.execute(script, {}, { tenantId: THEIRS })).rejects.toMatchObject({
      code: 'script-not-found',
    });
    expect((await executions.list(THEIRS)).items).toEqual([]);
    expect((await executions.list(THEIRS, { scriptId: script })).items).toEqual([]);
    expect(executions.listRunning(THEIRS)).toEqual([]);
    await expect(executions.cancel(THEIRS, execution, { by })).rejects.toMatchObject({
      code: 'execution-not-running',
    });
    expect(await host.executions()).toHaveLength(1);
  });

  it('are unknown to a direct call, which also refuses an invalid context, and nothing runs', async () => {
    const executions = host.get(ExecutionService);
    const before = await host.executions();
    const odd: [context: unknown, field: string][] = [
      [{ tenantID: 'acme', tenantId: 'acme' }, 'tenantID'],
      [{ tenantId: 'a\u0000b' }, 'tenantId'],
      [{ tenantId: 'x'.repeat(201) }, 'tenantId'],
      [{ tenantId: null }, 'tenantId'],
      [{ tenantId: 'acme', actorId: 'a\u0000b' }, 'actorId'],
      [{ tenantId: 'acme', actorId: 7 }, 'actorId'],
      [{ tenantId: 'acme', signal: 'now' }, 'signal'],
      [new Map([['tenantId', 'acme']]), 'the context'],
      ['acme', 'the context'],
    ];
    for (const [context, field] of odd)
      await expect(executions.execute(script, {}, context as never)).rejects.toMatchObject({
        code: 'invalid-query',
        field,
      });
    for (const id of ['a\u0000b', 'x'.repeat(100_000), 7, Symbol('id')] as string[])
      await expect(executions.execute(id, {}, { tenantId: 'acme' })).rejects.toMatchObject({
        code: 'script-not-found',
      });
    expect(await host.executions()).toEqual(before);
  });

  it('are not in the list of running executions of a tenant', async () => {
    const executions = host.get(ExecutionService);
    const slow = await host.script(HOLD, HOLDING);
    const run = executions.execute(slow, {}, { tenantId: 'acme' });
    await host.get(HeldScripts).held();
    expect(executions.listRunning('acme')).toMatchObject([{ scriptId: slow }]);
    expect(executions.listRunning(THEIRS)).toEqual([]);
    host.get(HeldScripts).release();
    await run;
  });

  it('are unknown to every method of DeadLetterService, and nothing changes', async () => {
    const letters = host.get(DeadLetterService);
    const before = await letters.get('acme', deadLetter);
    const note = 'gone';
    const acts: Record<string, () => Promise<unknown>> = {
      get: () => letters.get(THEIRS, deadLetter),
      replay: () => letters.replay(THEIRS, deadLetter, { by }),
      discard: () => letters.discard(THEIRS, deadLetter, { by, note }),
    };
    for (const [name, act] of Object.entries(acts)) {
      const error: unknown = await act().catch((thrown: unknown) => thrown);
      expect({ name, error }).toEqual({
        name,
        error: expect.objectContaining({ code: 'dead-letter-not-found' }),
      });
    }
    const filter = { scriptId: script };
    expect((await letters.list(THEIRS, filter)).items).toEqual([]);
    expect(await letters.count(THEIRS, filter)).toBe(0);
    expect((await letters.stats(THEIRS)).byStatus.exhausted).toBe(0);
    expect(await letters.replayMany(THEIRS, filter, { by })).toMatchObject({ matched: 0, changed: 0 });
    expect(await letters.discardMany(THEIRS, filter, { by, note })).toMatchObject({ matched: 0, changed: 0 });
    expect(await letters.purge(THEIRS, { statuses: ['exhausted'], olderThanMs: 0, by })).toBe(0);
    const {
      updatedAt: _later,
      alertedAt: _alerted,
      alertCount: _count,
      lockedBy: _token,
      lockedUntil: _lease,
      ...after
    } = await letters.get('acme', deadLetter);
    expect(before).toMatchObject(after);
  });

  it('are not reached by a call without a tenant, which is refused with the name of the field', async () => {
    const executions = host.get(ExecutionService);
    const letters = host.get(DeadLetterService);
    const scripts = host.get(ScriptService);
    for (const forgotten of [undefined, null, ''] as unknown as string[]) {
      const acts: Record<string, () => unknown> = {
        'scripts.list': () => scripts.list(forgotten),
        'executions.list': () => executions.list(forgotten),
        'executions.get': () => executions.get(forgotten, script),
        'executions.listRunning': () => executions.listRunning(forgotten),
        'deadLetters.list': () => letters.list(forgotten),
      };
      for (const [name, act] of Object.entries(acts)) {
        const error: unknown = await Promise.resolve()
          .then(act)
          .catch((thrown: unknown) => thrown);
        expect({ name, error }).toEqual({
          name,
          error: expect.objectContaining({ message: expect.stringContaining('tenantId') }),
        });
      }
    }
  });
});
