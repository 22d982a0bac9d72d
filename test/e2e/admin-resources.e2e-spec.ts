import { ScriptBinding, ScriptStoreService, VariableService } from '../../lib/index.js';
import { newKey } from '../support/tenant-values.js';
import { waitFor } from '../support/wait-for.js';
import { AdminHost } from './support/admin-host.js';
import { ADA } from './support/test-host.js';

interface Named {
  id: string;
  name: string;
}
interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** A binding that waits until the test lets it answer. */
class Bindings {
  entered = 0;

  @ScriptBinding('test.wait', { description: 'Waits until it is cancelled.' })
  wait(_input: unknown, { signal }: { signal: AbortSignal }): Promise<void> {
    this.entered += 1;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('cancelled')), { once: true });
    });
  }
}

describe('the resources of the API', () => {
  let admin: AdminHost;
  const bindings = new Bindings();

  beforeAll(async () => {
    admin = await AdminHost.start({
      providers: [{ provide: Bindings, useValue: bindings }],
      options: {
        storage: { keepInput: true },
        retry: { maxRetries: 0 },
        sandbox: { maxProcesses: 3 },
        secrets: { keys: [newKey('2026')] },
      },
      admin: {
        maxTestRuns: 1,
        redact: (tenantId, kind, value) => {
          const text = JSON.stringify(value);
          if (text.includes('Hopper')) throw new Error('no such field to remove');
          return JSON.parse(text.replaceAll('Lovelace', `(${kind} of ${tenantId})`)) as never;
        },
      },
    });
  });
  afterEach(() => admin.host.empty());
  afterAll(() => admin.close());

  const script = async (source: string, more: object = {}): Promise<string> => {
    const body = { name: `s${Math.random()}`, eventTypes: ['user.created'], active: true, source, ...more };
    return ((await admin.post('scripts', body).expect(201)).body as Named).id;
  };
  const failed = async (): Promise<{ scriptId: string; id: string }> => {
    const scriptId = await script('throw new Error("no " + ctx.input.lastName);');
    admin.host.emit('user.created', { tenantId: 'acme', ...ADA });
    const { id } = await admin.host.deadLetter('exhausted', scriptId);
    return { scriptId, id };
  };

  it('answer 500 when a function of the host throws, and log that with the ids of the request', async () => {
    const scriptId = await script('throw new Error(ctx.input.lastName);');
    admin.host.emit('user.created', { ...ADA, tenantId: 'acme', lastName: 'Hopper' });
    const { id } = await admin.host.deadLetter('exhausted', scriptId);
    const { body } = await admin.get(`dead-letters/${id}`).expect(500);
    expect(body).toMatchObject({ code: 'internal', detail: expect.not.stringContaining('field') });
    expect(admin.log.of('error').join()).toContain(`[tenant acme, dead letter ${id}]`);
    await admin.get(`dead-letters?scriptId=${scriptId}`).expect(500);
  });

  describe('schedules', () => {
    it('are saved with the script, and shown with their next five times, also before they are saved', async () => {
      const schedules = [{ cron: '0 8 * * 1', timezone: 'Asia/Tashkent', payload: { list: 'sales' } }];
      const id = await script('return 1;', { eventTypes: undefined, schedules });
      const saved = { ...schedules[0], catchUp: 'one', overlap: 'skip' };
      expect((await admin.get(`scripts/${id}`).expect(200)).body).toMatchObject({
        eventTypes: [],
        schedules: [saved],
      });
      const { items } = (await admin.get(`scripts/${id}/schedules`).expect(200)).body as {
        items: { nextTimes: string[] }[];
      };
      expect(items).toMatchObject([{ ...saved, lastTime: null, openEventId: null }]);
      expect(items[0]?.nextTimes).toHaveLength(5);
      const preview = await admin.post('schedules/preview', { schedules }).expect(200);
      expect((preview.body as { items: object[] }).items).toMatchObject([{ nextTimes: items[0]?.nextTimes }]);
      const wrong = await admin.post('schedules/preview', { schedules: [{ cron: 'monday' }] }).expect(400);
      expect(JSON.stringify(wrong.body)).toContain('schedules[0].cron');
    });
  });

  describe('variables', () => {
    const patch = (path: string, body: object, ifMatch?: string) =>
      admin.send('patch', path, 'ada', ifMatch === undefined ? {} : { 'if-match': ifMatch }).send(body);
    const create = (name: string, value: unknown) => patch('variables', { values: { [name]: value } });

    it('are changed and deleted only with the version of their current value', async () => {
      await create('region', 'eu').expect(200);
      const { headers } = await admin.get('variables/region').expect(200);
      const etag = headers.etag as string;
      expect((await patch('variables/region', { value: 'us' }).expect(428)).body).toMatchObject({
        code: 'if-match-needed',
      });
      const changed = await patch('variables/region', { value: 'us' }, etag).expect(200);
      expect(changed.body).toMatchObject({ value: 'us', version: 2 });
      expect(changed.headers.etag).toBe('"2"');
      const late = { code: 'variable-changed', name: 'region', version: 2 };
      expect((await patch('variables/region', { value: 'ap' }, etag).expect(412)).body).toMatchObject(late);
      await patch('variables/region', { value: 'ap' }, '"none of ours"').expect(412);
      await patch('variables/region', { value: 'ap' }, '"9999999999"').expect(412);
      await admin.send('delete', 'variables/region', 'ada', { 'if-match': etag }).expect(412);
      // Several variables at once, one of which exists already or has changed meanwhile.
      expect((await create('region', 'ap').expect(412)).body).toMatchObject(late);
      const both = { values: { region: 'ap', fresh: 1 } };
      await patch('variables', { ...both, baseVersions: { region: 1 } }).expect(412);
      expect((await admin.get('variables')).body).toMatchObject({ items: [{ value: 'us' }] });
      await patch('variables', { ...both, baseVersions: { region: 2 } }).expect(200);
      await patch('variables/region', { value: 'xx' }, '*').expect(200);
      await patch('variables/unknown', { value: 'ap' }, '*').expect(404);
      for (const baseVersions of ['1', [1], { other: 1 }, { region: 'x' }])
        await patch('variables', { ...both, baseVersions }).expect(400);
    });

    it('are listed with their history after they were deleted, until they are created again', async () => {
      await create('limit', 10).expect(200);
      await admin.send('delete', 'variables/limit', 'ada', { 'if-match': '"1"' }).expect(204);
      const { items } = (await admin.get('deleted-variables').expect(200)).body as { items: object[] };
      expect(items).toContainEqual({
        name: 'limit',
        version: 2,
        deletedBy: 'ada',
        deletedAt: expect.any(String) as string,
      });
      const history = (await admin.get('variables/limit/versions').expect(200)).body as { items: object[] };
      expect(history.items).toMatchObject([{ deleted: true }, { value: 10 }]);
      await create('limit', 10).expect(200);
      expect((await admin.get('deleted-variables')).body).toEqual({ items: [] });
    });

    it('say which field is wrong, as every refusal does', async () => {
      const wrong: [object, string][] = [
        [{ values: { 'a-b': 1 } }, 'values'],
        [{ values: { a: 'x'.repeat(16_384) } }, 'values.a'],
        [{ values: [] }, 'values'],
      ];
      for (const [body, path] of wrong) {
        const { issues } = (await patch('variables', body).expect(400)).body as {
          issues: { path: string }[];
        };
        expect(issues.map((issue) => issue.path)).toEqual([path]);
      }
    });
  });

  describe('secrets', () => {
    const value = 'a value to keep';

    it('say which field is wrong, as every refusal does', async () => {
      const good = { name: 'token', value, hosts: ['a.example'] };
      await admin.post('secrets', good).expect(201);
      const wrong: [object, number, string][] = [
        [good, 409, 'name'],
        [{ ...good, name: 'a-b' }, 400, 'name'],
        [{ ...good, value: 'short' }, 400, 'value'],
        [{ ...good, hosts: ['a.example', 'https://b.example'] }, 400, 'hosts[1]'],
        [{ ...good, bindings: ['mail send'] }, 400, 'bindings[0]'],
      ];
      for (const [body, status, path] of wrong) {
        const refused = (await admin.post('secrets', body).expect(status)).body as {
          detail: string;
          issues: object[];
        };
        expect(refused.issues).toMatchObject([{ path, message: refused.detail }]);
        expect(JSON.stringify(refused)).not.toContain(value);
      }
    });

    it('say how many scripts use them; scripts are listed by the secret or variable that they use', async () => {
      await admin.post('secrets', { name: 'named', value }).expect(201);
      await script('return vars.tax_rate;', {
        name: 'Both',
        secrets: ['named'],
        eventTypes: ['user.created'],
      });
      await script('return "tax_rate_old";', { name: 'Neither' });
      const list = (await admin.get('secrets').expect(200)).body as { items: object[] };
      expect(list.items).toContainEqual(expect.objectContaining({ name: 'named', scripts: 1 }));
      expect(list.items).toContainEqual(expect.objectContaining({ name: 'token', scripts: 0 }));
      for (const query of ['secret=named', 'variable=tax_rate']) {
        const { items } = (await admin.get(`scripts?${query}`).expect(200)).body as Page<Named>;
        expect(items.map(({ name }) => name)).toEqual(['Both']);
      }
      for (const query of ['secret=other', 'variable=tax', 'variable=rate'])
        expect((await admin.get(`scripts?${query}`).expect(200)).body).toMatchObject({ items: [] });
      await admin.get('scripts?variable=.*').expect(400);
    });

    it('are in the type declarations: all of the tenant, or those that the request names', async () => {
      await admin.post('secrets', { name: 'typed', value }).expect(201);
      const typesFor = async (query: string): Promise<string> => (await admin.get(`types.d.ts${query}`)).text;
      expect(await typesFor('')).toContain('readonly typed: Secret;');
      expect(await typesFor('?secrets=typed')).not.toContain('readonly token: Secret;');
      expect(await typesFor('?secrets=')).not.toContain(': Secret;');
    });
  });

  describe('scripts', () => {
    it('are listed page by page, and filtered by event type and by part of the name', async () => {
      for (const name of ['One', 'Two', 'Three']) await script('return 1;', { name, active: name !== 'Two' });
      const first = (await admin.get('scripts?limit=2').expect(200)).body as Page<Named>;
      expect(first.items.map(({ name }) => name)).toEqual(['Three', 'Two']);
      const rest = (await admin.get(`scripts?limit=2&cursor=${first.nextCursor}`)).body as Page<Named>;
      expect(rest).toMatchObject({ items: [{ name: 'One' }], nextCursor: null });
      const some = (await admin.get('scripts?status=draft&status=paused')).body as Page<Named>;
      expect(some.items.map(({ name }) => name)).toEqual(['Two']);
      const named = (await admin.get('scripts?q=thr&eventType=user.created')).body as Page<Named>;
      expect(named.items.map(({ name }) => name)).toEqual(['Three']);
      expect(named.items[0]).not.toHaveProperty('source');
    });

    it('are refused with every problem at once', async () => {
      const wrong = { name: '', eventTypes: [], source: 'return (', active: 'yes' };
      const { body } = await admin.post('scripts', wrong).expect(400);
      expect(body).toMatchObject({ code: 'invalid-script' });
      const { issues } = body as { issues: { path: string }[] };
      expect(issues.map(({ path }) => path)).toEqual(
        expect.arrayContaining(['name', 'eventTypes', 'active']),
      );
    });

    it('are changed only with the revision of their current state', async () => {
      const id = await script('return 1;');
      const { headers } = await admin.get(`scripts/${id}`);
      const etag = headers.etag as string;
      const patch = (ifMatch?: string) =>
        admin.send('patch', `scripts/${id}`, 'ada', ifMatch === undefined ? {} : { 'if-match': ifMatch });

      expect((await patch().send({ source: 'return 2;' }).expect(428)).body).toMatchObject({
        code: 'if-match-needed',
      });
      const { body } = await patch(etag).send({ source: 'return 2;', description: 'two' }).expect(200);
      expect(body).toMatchObject({ version: 2, source: 'return 2;', description: 'two', updatedBy: 'ada' });

      const late = await patch(etag).send({ source: 'return 3;' }).expect(412);
      const { revision } = body as { revision: string };
      expect(late.body).toMatchObject({ code: 'script-changed', revision });
      await patch('"none of ours"').send({ source: 'return 3;' }).expect(412);
      await patch('*').send({ source: 'return 3;' }).expect(200);
      expect((await admin.get(`scripts/${id}`)).body).toMatchObject({ version: 3, source: 'return 3;' });
    });

    it('come with warnings about their filter when they are saved, and without them when they are read', async () => {
      const filters = { emial: 'a@b.c' };
      const wanted = [
        'Events of type user.created have no field "emial". Did you mean "email"?',
        'No event can match the filter: its conditions on "userId" exclude each other.',
      ];
      const saved = { name: 'Warned', eventTypes: ['user.created'], source: 'return 1;', filters };
      const { body: made, headers } = await admin.post('scripts', saved).expect(201);
      expect(made).toMatchObject({ filters, warnings: [wanted[0]] });
      const { id } = made as Named;
      expect((await admin.get(`scripts/${id}`)).body).not.toHaveProperty('warnings');
      const patch = (etag: string, body: object) =>
        admin.send('patch', `scripts/${id}`, 'ada', { 'if-match': etag }).send(body).expect(200);
      const contradictory = { filters: { userId: { gt: 5, lt: 3 } } };
      const { body: changed } = await patch(headers.etag as string, contradictory);
      expect(changed).toMatchObject({ warnings: [wanted[1]] });
      const { body: mended } = await patch('*', { filters: { email: 'a@b.c' } });
      expect(mended).toMatchObject({ warnings: [] });
    });

    it('keep their versions, which are listed page by page', async () => {
      const id = await script('return 1;');
      for (const n of [2, 3]) {
        const { headers } = await admin.get(`scripts/${id}`);
        const changed = admin.send('patch', `scripts/${id}`, 'ada', { 'if-match': headers.etag as string });
        await changed.send({ source: `return ${n};` }).expect(200);
      }
      const first = (await admin.get(`scripts/${id}/versions?limit=2`)).body as Page<{ version: number }>;
      expect(first.items.map(({ version }) => version)).toEqual([3, 2]);
      const rest = (await admin.get(`scripts/${id}/versions?limit=2&cursor=${first.nextCursor}`))
        .body as object;
      expect(rest).toMatchObject({ items: [{ version: 1, createdBy: 'ada' }], nextCursor: null });
      expect((await admin.get(`scripts/${id}/versions/1`)).body).toMatchObject({
        version: 1,
        source: 'return 1;',
      });
      expect((await admin.get(`scripts/${id}/versions/4`).expect(404)).body).toMatchObject({
        code: 'script-version-not-found',
      });
      await admin.get(`scripts/${id}/versions/none`).expect(404);
    });

    it('change their status on request, and record who did it and why', async () => {
      const id = await script('return 1;');
      const act = async (action: string, body: object | undefined, status = 200): Promise<object> =>
        (await admin.post(`scripts/${id}/${action}`, body).expect(status)).body as object;
      expect(await act('pause', { reason: 'holidays' })).toMatchObject({
        status: 'paused',
        statusReason: 'holidays',
      });
      expect(await act('activate', undefined)).toMatchObject({ status: 'active', updatedBy: 'ada' });
      expect(await act('disable', {}, 400)).toMatchObject({
        code: 'invalid-request',
        issues: [{ path: 'reason' }],
      });
      expect(await act('disable', { reason: 'harm' })).toMatchObject({ status: 'disabled' });
      expect((await admin.get(`scripts/${id}/health`)).body).toMatchObject({
        state: 'disabled',
        reason: 'harm',
      });
      expect((await admin.get('script-health')).body).toMatchObject({
        items: [{ scriptId: id, state: 'disabled' }],
      });
      expect(await act('resume', { replay: 'none' })).toMatchObject({
        script: { status: 'active' },
        held: 0,
      });
      expect(await act('resume', {}, 409)).toMatchObject({ code: 'script-healthy' });
      expect(await act('archive', undefined)).toMatchObject({ status: 'archived' });
      expect(await act('restore', undefined)).toMatchObject({ status: 'paused' });
      const deleted = await admin.send('delete', `scripts/${id}`, 'ada').expect(200);
      expect(deleted.body).toEqual({ discardedDeadLetters: 0 });
      await admin.get(`scripts/${id}`).expect(404);
    });
  });

  describe('scripts that somebody else has changed', () => {
    const STALE = { 'if-match': '"1"' };
    const act = (method: 'post' | 'delete', path: string, headers: Record<string, string>) =>
      admin.send(method, path, 'ada', headers);

    it.each([
      ['activate', 'paused', {}],
      ['pause', 'active', { reason: 'why' }],
      ['disable', 'active', { reason: 'why' }],
      ['resume', 'disabled', { replay: 'none' }],
      ['archive', 'active', {}],
      ['restore', 'archived', {}],
    ])('answer 412 to %s with an old If-Match, and stay %s', async (action, status, body) => {
      const id = await script('return 1;');
      const before = { paused: 'pause', disabled: 'disable', archived: 'archive' }[status];
      if (before !== undefined) await admin.post(`scripts/${id}/${before}`, { reason: 'before' }).expect(200);
      const { headers, body: seen } = await admin.get(`scripts/${id}`);
      const refused = await act('post', `scripts/${id}/${action}`, STALE).send(body).expect(412);
      const { revision } = seen as { revision: string };
      expect(refused.body).toMatchObject({ code: 'script-changed', revision });
      expect((await admin.get(`scripts/${id}`)).body).toEqual(seen);
      const current = { 'if-match': headers.etag as string };
      await act('post', `scripts/${id}/${action}`, current).send(body).expect(200);
    });

    it('are not deleted with an old If-Match', async () => {
      const id = await script('return 1;');
      expect((await act('delete', `scripts/${id}`, STALE).expect(412)).body).toMatchObject({
        code: 'script-changed',
      });
      const { headers } = await admin.get(`scripts/${id}`).expect(200);
      await act('delete', `scripts/${id}`, { 'if-match': headers.etag as string }).expect(200);
    });
  });

  describe('executions and dead letters', () => {
    it('show inputs, results and logs as the redact function of the host returns them', async () => {
      const id = await script(
        'console.log("saw " + ctx.input.lastName); return { last: ctx.input.lastName };',
      );
      admin.host.emit('user.created', { tenantId: 'acme', ...ADA });
      const [{ id: executionId } = { id: '' }] = await admin.host.executed(1, id);
      const { body } = await admin.get(`executions/${executionId}`).expect(200);
      expect(body).toMatchObject({
        status: 'completed',
        input: { firstName: 'Ada', lastName: '(payload of acme)' },
        result: { last: '(result of acme)' },
        logs: [{ level: 'info', message: 'saw (logs of acme)' }],
      });
    });

    it('hide payloads, inputs, results and logs from people without the permission "data", and show them the rest', async () => {
      const { id, scriptId } = await failed();
      const seen = (await admin.get(`dead-letters/${id}`, 'rita').expect(200)).body as object;
      expect(seen).toMatchObject({ scriptId, status: 'exhausted', error: 'no (error of acme)' });
      expect(seen).not.toHaveProperty('payload');
      expect((await admin.get(`dead-letters/${id}`)).body).toMatchObject({
        payload: { lastName: '(payload of acme)' },
      });
      const { items } = (await admin.get(`executions?scriptId=${scriptId}`, 'rita')).body as Page<Named>;
      const execution = (await admin.get(`executions/${items[0]?.id}`, 'rita').expect(200)).body as object;
      expect(execution).toMatchObject({ errorMessage: 'no (error of acme)', errorLine: 1 });
      for (const field of ['input', 'result', 'logs']) expect(execution).not.toHaveProperty(field);
    });

    it('are filtered by the fields of the query, and counted', async () => {
      const { id, scriptId } = await failed();
      const letters = (query: string) =>
        admin.get(`dead-letters?${query}`).then(({ body }) => body as Page<Named>);
      expect((await letters(`scriptId=${scriptId}&status=exhausted&reason=failed`)).items).toMatchObject([
        { id },
      ]);
      expect((await letters('status=pending')).items).toEqual([]);
      expect((await letters(`to=${new Date(0).toISOString()}`)).items).toEqual([]);
      const runs = (await admin.get('executions?status=failed&errorKind=runtime')).body as Page<object>;
      expect(runs.items).toMatchObject([{ scriptId, errorKind: 'runtime' }]);
      expect((await admin.get('dead-letters/counts')).body).toMatchObject({
        exhausted: { count: 1, more: false },
        pending: { count: 0, more: false },
        held: { count: 0, more: false },
        oldestOpenAt: expect.stringMatching(/Z$/),
      });
    });

    it('have the name of their script in every answer, or null once the script is deleted', async () => {
      const name = 'Refers to itself';
      const scriptId = await script('throw new Error("no");', { name });
      admin.host.emit('user.created', { tenantId: 'acme', ...ADA });
      const { id, eventId } = await admin.host.deadLetter('exhausted', scriptId);
      const [execution] = await admin.host.executed(1, scriptId);
      const answers = async (): Promise<object[]> => {
        const bodyOf = async (path: string): Promise<unknown> => (await admin.get(path).expect(200)).body;
        const { event } = (await bodyOf(`events/${eventId}`)) as {
          event: { executions: object[]; deadLetters: object[] };
        };
        const lists = ['executions', 'dead-letters', 'failures'];
        const listed = await Promise.all(lists.map(async (path) => (await bodyOf(path)) as Page<object>));
        const single = [await bodyOf(`executions/${execution?.id}`), await bodyOf(`dead-letters/${id}`)];
        const all = [...listed.flatMap(({ items }) => items), ...event.executions, ...event.deadLetters];
        return [...all, ...(single as object[])];
      };
      expect(await answers()).toEqual(Array(7).fill(expect.objectContaining({ scriptId, scriptName: name })));
      await admin.send('delete', `scripts/${scriptId}`, 'ada').expect(200);
      expect(await answers()).toEqual(Array(7).fill(expect.objectContaining({ scriptId, scriptName: null })));
    });

    it('are replayed and discarded one by one, and record who requested it', async () => {
      const { id } = await failed();
      await admin.post(`dead-letters/${id}/replay`).expect(202);
      const again = await waitFor('it has run again', async () => {
        const { body } = await admin.get(`dead-letters/${id}`);
        const { attempts } = body as { attempts: { trigger: string; kind: string; by?: string }[] };
        return attempts.some(({ trigger, kind }) => trigger === 'replay' && kind === 'runtime') && attempts;
      });
      expect(again).toContainEqual(expect.objectContaining({ kind: 'requested', by: 'ada' }));
      await waitFor(
        'it is exhausted again',
        async () =>
          ((await admin.get(`dead-letters/${id}`)).body as { status: string }).status === 'exhausted',
      );
      await admin.post(`dead-letters/${id}/discard`, {}).expect(400);
      await admin.post(`dead-letters/${id}/discard`, { note: 'not needed' }).expect(204);
      const { body } = await admin.get(`dead-letters/${id}`);
      expect(body).toMatchObject({ status: 'discarded', note: 'not needed', resolvedBy: 'ada' });
      const twice = await admin.post(`dead-letters/${id}/discard`, { note: 'again' }).expect(409);
      expect(twice.body).toMatchObject({ code: 'dead-letter-state' });
    });

    it('are counted and discarded by a filter, each once', async () => {
      const { scriptId } = await failed();
      const act = async (body: object) =>
        (
          await admin
            .post('dead-letters/discards', { filter: { scriptId }, note: 'old', ...body })
            .expect(200)
        ).body as object;
      expect(await act({ dryRun: true })).toEqual({ dryRun: true, matched: 1, more: false, changed: 0 });
      expect(await act({ limit: 10 })).toEqual({ dryRun: false, matched: 1, more: false, changed: 1 });
      expect(await act({})).toEqual({ dryRun: false, matched: 0, more: false, changed: 0 });
      const replays = await admin
        .post('dead-letters/replays', { filter: { scriptId, status: ['discarded'] } })
        .expect(200);
      expect(replays.body).toMatchObject({ matched: 1, changed: 1 });
    });

    it('are not discarded or replayed together when the filter is missing or has an unknown field or a wrong value', async () => {
      const refused = async (body: object) =>
        (await admin.post('dead-letters/replays', body).expect(400)).body as object;
      expect(await refused({ filter: { scriptID: 'x' } })).toMatchObject({
        issues: [{ path: 'filter.scriptID', code: 'unknown', message: expect.stringContaining('scriptId') }],
      });
      expect(await refused({ dryrun: true, filter: {} })).toMatchObject({ issues: [{ path: 'dryrun' }] });
      expect(await refused({ dryRun: true })).toMatchObject({ issues: [{ path: 'filter', code: 'type' }] });
      expect(await refused({ filter: { from: '2026-01-31' } })).toMatchObject({
        issues: [{ path: 'filter.from' }],
      });
    });

    it('are listed, counted and discarded by their group of failures, only by their own tenant', async () => {
      const { scriptId, id } = await failed();
      const { items } = (await admin.get(`executions?scriptId=${scriptId}`)).body as Page<Named>;
      const failedLike = items[0]?.id;
      const listed = async (like: unknown, user = 'ada'): Promise<Page<Named>> =>
        (await admin.get(`dead-letters?failedLike=${String(like)}`, user).expect(200)).body as Page<Named>;
      expect((await listed(failedLike)).items).toMatchObject([{ id, errorLine: 1 }]);
      expect((await listed(failedLike, 'ben')).items).toEqual([]);
      expect((await listed(id)).items).toEqual([]);
      const discards = async (more: object, user = 'ada'): Promise<unknown> =>
        (
          await admin
            .post('dead-letters/discards', { filter: { failedLike }, note: 'one group', ...more }, user)
            .expect(200)
        ).body;
      expect(await discards({ dryRun: true }, 'ben')).toMatchObject({ matched: 0 });
      expect(await discards({ dryRun: true })).toMatchObject({ matched: 1, changed: 0 });
      expect(await discards({})).toMatchObject({ matched: 1, changed: 1 });
      expect((await admin.get('dead-letters?failedLike=no%25stock_').expect(400)).body).toMatchObject({
        issues: [{ path: 'failedLike' }],
      });
    });

    it('are run again with their input on the current version, by people with the permission "operate"', async () => {
      const id = await script('return 1;');
      admin.host.emit('user.created', { tenantId: 'acme', ...ADA });
      const [{ id: past } = { id: '' }] = await admin.host.executed(1, id);
      const changed = admin.send('patch', `scripts/${id}`, 'ada', { 'if-match': '*' });
      await changed.send({ source: 'throw new Error("not " + ctx.input.lastName);' }).expect(200);
      await admin.post(`executions/${past}/replay`, undefined, 'walt').expect(403);
      const { body } = await admin.post(`executions/${past}/replay`).expect(200);
      expect(body).toMatchObject({
        scriptId: id,
        scriptVersion: 2,
        status: 'failed',
        errorKind: 'runtime',
        errorMessage: 'not (error of acme)',
        errorLine: 1,
      });
      const { executionId } = body as { executionId: string };
      expect((await admin.get(`executions/${executionId}`)).body).toMatchObject({
        trigger: 'replay',
        replayOf: past,
        requestedBy: 'ada',
        input: { firstName: 'Ada' },
      });
    });

    it('are not run again while their event is kept as a dead letter', async () => {
      const { scriptId } = await failed();
      const { items } = (await admin.get(`executions?scriptId=${scriptId}`)).body as Page<Named>;
      const refused = await admin.post(`executions/${items[0]?.id}/replay`).expect(409);
      expect(refused.body).toMatchObject({ code: 'execution-not-replayable' });
      await admin.post(`executions/${scriptId}/replay`).expect(404);
    });

    it('end when a person of the tenant cancels them; the event becomes an exhausted dead letter', async () => {
      const id = await script('await test.wait();', { bindings: ['test.wait'] });
      const before = bindings.entered;
      admin.host.emit('user.created', { tenantId: 'acme', ...ADA });
      await waitFor('the binding waits', () => bindings.entered > before);
      const { body } = await admin.get('executions/running').expect(200);
      const { items, node } = body as { node: string; items: { executionId: string; scriptId: string }[] };
      expect(node).toMatch(/^[\da-f-]{36}$/);
      expect(items).toMatchObject([{ scriptId: id, scriptName: expect.stringMatching(/^s0\./), attempt: 1 }]);
      const running = `executions/running/${items[0]?.executionId}`;
      expect((await admin.get(running).expect(200)).body).toEqual({ ...items[0], node: body.node as string });
      expect((await admin.get(running, 'ben').expect(404)).body).toMatchObject({
        code: 'execution-not-running',
      });
      expect((await admin.send('delete', running, 'ben').expect(404)).body).toMatchObject({
        code: 'execution-not-running',
      });
      await admin.send('delete', running, 'ada').expect(202);
      const letter = await admin.host.deadLetter('exhausted', id);
      expect(letter).toMatchObject({ errorKind: 'cancelled', error: 'Cancelled by ada', retryCount: 0 });
      await admin.send('delete', running, 'ada').expect(404);
    });
  });

  describe('explaining filters and test runs', () => {
    it('say why a filter does not match an event, and what is wrong with an invalid filter', async () => {
      const event = { type: 'user.created', input: { email: 'eve@example.com', foreign: 1 } };
      const { body } = await admin
        .post('filters/explain', { filters: { email: 'ada@example.com' }, event })
        .expect(200);
      expect(body).toMatchObject({
        event: { type: 'user.created', input: { email: 'eve@example.com' }, ignoredFields: ['foreign'] },
        filter: {
          matched: false,
          conditions: [{ path: 'email', actual: 'eve@example.com', matched: false }],
        },
      });
      const wrong = await admin
        .post('filters/explain', { filters: { email: { $eq: 1 } }, event })
        .expect(400);
      expect(wrong.body).toMatchObject({ code: 'invalid-filter', issues: [{ path: 'filters.email.$eq' }] });
    });

    it("refuse to apply a filter to a dead letter's payload for people without the permission for data", async () => {
      const { id } = await failed();
      const body = { filters: { lastName: { startsWith: 'L' } }, event: { deadLetterId: id } };
      expect((await admin.post('filters/explain', body, 'rita').expect(403)).body).toMatchObject({
        code: 'permission-missing',
        permission: 'data',
      });
      expect((await admin.post('filters/explain', body).expect(200)).body).toMatchObject({
        filter: { matched: true },
      });
    });

    it('run a source that is not saved, and show its result, its logs and the events that it would publish', async () => {
      const source = 'console.log("hi"); events.publish("user.greeted", { n: 1 }); return ctx.input.email;';
      const event = { type: 'user.created', input: { email: 'a@b.c' } };
      const { body } = await admin.post('test-runs', { source, event }).expect(200);
      expect(body).toMatchObject({
        status: 'completed',
        result: 'a@b.c',
        version: 0,
        executionId: null,
        logs: [{ message: 'hi' }],
        published: [{ type: 'user.greeted', payload: { n: 1 } }],
        routing: { wouldRun: true, reasons: [] },
      });
      const blind = (await admin.post('test-runs', { source, event }, 'walt').expect(200)).body as object;
      for (const field of ['result', 'logs', 'published']) expect(blind).not.toHaveProperty(field);
      expect(blind).toMatchObject({ status: 'completed', metrics: { bindingCalls: 0 } });
    });

    it('show a failure with its line, and call bindings only for people with the permission "operate"', async () => {
      const event = { type: 'user.created' };
      const { body } = await admin.post('test-runs', { source: '\nthrow new Error("x")', event }).expect(200);
      expect(body).toMatchObject({ status: 'failed', error: { kind: 'runtime', message: 'x', line: 2 } });
      const calls = { source: 'return 1;', event, callBindings: true };
      await admin.post('test-runs', calls, 'walt').expect(403);
      await admin.post('test-runs', calls).expect(200);
    });

    it('take place only as many at a time for a tenant as the host allows; others are refused with a time to try again', async () => {
      const body = {
        source: 'await test.wait();',
        bindings: ['test.wait'],
        event: { type: 'user.created' },
        callBindings: true,
      };
      const before = bindings.entered;
      const past = await script('return 1;');
      admin.host.emit('user.created', { tenantId: 'acme', ...ADA });
      const [{ id: executionId } = { id: '' }] = await admin.host.executed(1, past);
      const first = admin.post('test-runs', body);
      const ended = first.then(undefined, (error: unknown) => error);
      await waitFor('the binding waits', () => bindings.entered > before);
      const second = await admin.post('test-runs', body).expect(429);
      expect(second.headers['retry-after']).toBe('1');
      expect(second.body).toMatchObject({ code: 'too-many-runs' });
      await admin.post(`executions/${executionId}/replay`).expect(429);
      // The client that waits for the first run disconnects: the run ends, and another one may begin.
      first.abort();
      await ended;
      await waitFor(
        'the place is free',
        async () =>
          (await admin.post('test-runs', { source: 'return 1;', event: body.event })).status === 200,
      );
    });
  });

  describe('the store', () => {
    const store = (): ScriptStoreService => admin.host.get(ScriptStoreService);
    afterEach(() => store().clear('acme'));

    it('is listed by script and by prefix, page by page, with sizes; values are shown as the redact function returns them', async () => {
      const scriptId = await script('return 1;', { name: 'Counts' });
      await store().set('acme', 'name', 'Ada Lovelace', { scriptId, by: 'ada' });
      for (const key of ['seen 1', 'seen 2', 'zeta']) await store().set('acme', key, { at: key });
      const usage = (await admin.get('store').expect(200)).body as object;
      expect(usage).toMatchObject({ keys: 4, bytes: expect.any(Number), maxKeys: 10_000, more: false });
      expect(usage).toMatchObject({
        items: [
          { scriptId: null, scriptName: null, keys: 3 },
          { scriptId, scriptName: 'Counts', keys: 1, bytes: 18 },
        ],
      });
      const first = (await admin.get('store/keys?prefix=seen&limit=1').expect(200)).body as Page<object>;
      expect(first.items).toMatchObject([{ key: 'seen 1', scriptId: null, expiresAt: null }]);
      expect(first.items[0]).not.toHaveProperty('value');
      const cursor = encodeURIComponent(first.nextCursor ?? '');
      const second = (await admin.get(`store/keys?prefix=seen&cursor=${cursor}`).expect(200)).body;
      expect(second).toMatchObject({ items: [{ key: 'seen 2' }], nextCursor: null });
      const entry = (await admin.get(`store/entry?key=name&scriptId=${scriptId}`).expect(200)).body;
      expect(entry).toMatchObject({ key: 'name', scriptId, value: 'Ada (store of acme)', updatedBy: 'ada' });
      await admin.get('store/entry?key=name').expect(404);
    });

    it('finds every key that a script can set, including long keys and special characters', async () => {
      for (const key of ['../a/b?c=d&e#f%00', '.', '\u{1F600} ü', "'; --", 'x'.repeat(200)]) {
        await store().set('acme', key, 1);
        const place = `store/entry?key=${encodeURIComponent(key)}`;
        expect((await admin.get(place).expect(200)).body).toMatchObject({ key, value: 1 });
        await admin.send('delete', place, 'ada').expect(204);
        await admin.get(place).expect(404);
      }
    });

    it('removes one key, or all keys of a script after a count, and logs who asked for it', async () => {
      const scriptId = await script('return 1;');
      for (const key of ['a 1', 'a 2', 'b']) await store().set('acme', key, 1, { scriptId });
      await store().set('acme', 'shared', 1);
      await admin.send('delete', `store/entry?key=b&scriptId=${scriptId}`, 'walt').expect(204);
      const dry = await admin.post('store/removals', { scriptId, prefix: 'a', dryRun: true }).expect(200);
      expect(dry.body).toEqual({ dryRun: true, matched: 2, more: false, removed: 0 });
      const done = await admin.post('store/removals', { scriptId }).expect(200);
      expect(done.body).toEqual({ dryRun: false, matched: 2, more: false, removed: 2 });
      expect(await store().usage('acme')).toMatchObject({ keys: 1 });
      expect(admin.log.of('log').join('\n')).toMatch(
        new RegExp(
          `Key "b" was removed from the store of script .*${scriptId}.* by "walt"[^]*2 keys were removed from the store of script .*${scriptId}.* by "ada"`,
        ),
      );
    });

    it('is hidden from people without the permission for data', async () => {
      for (const place of ['store', 'store/keys', 'store/entry?key=a'])
        expect((await admin.get(place, 'walt').expect(403)).body).toMatchObject({ permission: 'data' });
    });

    it.each([
      ['get', 'store/keys?script=x', undefined, 'script'],
      ['get', 'store/keys?scriptId=tenant', undefined, 'scriptId'],
      ['get', 'store/keys?prefix=%07', undefined, 'prefix'],
      ['get', 'store/entry', undefined, 'key'],
      ['get', `store/entry?key=${'x'.repeat(201)}`, undefined, 'key'],
      ['delete', 'store/entry?key=%00', undefined, 'key'],
      ['post', 'store/removals', { scriptId: null, all: true }, 'all'],
      ['post', 'store/removals', { limit: 10_001 }, 'limit'],
      ['post', 'store/removals', { prefix: '\u202e' }, 'prefix'],
    ] as const)('answers %s %s %j with an error that names the field', async (method, place, body, field) => {
      const answer = await admin.send(method, place, 'ada').send(body).expect(400);
      const { detail, issues = [] } = answer.body as { detail: string; issues?: { path: string }[] };
      expect([detail.split(' ')[0], ...issues.map(({ path }) => path)]).toContain(field);
    });
  });

  describe('the application', () => {
    it('lists its event types and bindings, and serves type declarations, the OpenAPI document and its health', async () => {
      const types = (await admin.get('event-types')).body as { items: { type: string }[] };
      expect(types.items).toContainEqual(
        expect.objectContaining({
          type: 'user.created',
          origin: 'catalogue',
          fields: expect.arrayContaining(['email']),
        }),
      );
      expect((await admin.get('bindings')).body).toEqual({
        items: [expect.objectContaining({ name: 'test.wait', description: 'Waits until it is cancelled.' })],
      });
      const text = await admin.get('types.d.ts?eventTypes=user.created').expect(200);
      expect(text.headers['content-type']).toMatch(/^text\/plain/);
      expect(text.text).toContain('declare const ctx');
      await admin.get('types.d.ts?eventTypes=!').expect(400);
      await admin.host.get(VariableService).set('acme', 'typed_region', 'eu');
      const named = 'readonly typed_region: any;';
      expect((await admin.get('types.d.ts').expect(200)).text).toContain(named);
      expect((await admin.get('types.d.ts', 'ben').expect(200)).text).not.toContain(named);
      expect((await admin.get('types.d.ts', 'olga').expect(200)).text).toContain('[name: string]: any;');
      expect((await admin.get('types.d.ts?tenant=acme', 'olga').expect(200)).text).toContain(named);
      await admin.get('types.d.ts?tenant=acme', 'ben').expect(404);
      expect((await admin.get('health')).body).toMatchObject({ components: { database: { status: 'up' } } });
      await admin.get('health', 'rita').expect(403);
      const { body } = await admin.get('openapi.json', 'eve').expect(200);
      expect(body).toMatchObject({ openapi: '3.1.0' });
    });
  });
});
