import type { DataSource } from 'typeorm';
import type { ScriptStatus } from '../../../lib/entities/index.js';
import { ScriptStatusError } from '../../../lib/scripts/script.errors.js';
import type { ScriptServices } from '../../support/script-services.js';
import { testDataSource } from '../../support/postgres.js';
import { newScript, scriptServices } from '../../support/script-services.js';

type Action = 'activate' | 'pause' | 'disable' | 'archive' | 'restore';

const ALLOWED: Record<Action, Partial<Record<ScriptStatus, ScriptStatus>>> = {
  activate: { draft: 'active', paused: 'active', disabled: 'active' },
  pause: { active: 'paused' },
  disable: { active: 'disabled' },
  archive: { draft: 'archived', active: 'archived', paused: 'archived', disabled: 'archived' },
  restore: { archived: 'paused' },
};
const STATUSES: ScriptStatus[] = ['draft', 'active', 'paused', 'disabled', 'archived'];
const cases = (Object.keys(ALLOWED) as Action[]).flatMap((action) =>
  STATUSES.map((from) => ({ action, from, to: ALLOWED[action][from] })),
);

let dataSource: DataSource;
let services: ScriptServices;

beforeEach(async () => {
  dataSource ??= await testDataSource();
  services = scriptServices(dataSource);
});

async function scriptIn(status: ScriptStatus): Promise<string> {
  const { service } = services;
  const { id } = await service.create(
    'acme',
    newScript({ name: crypto.randomUUID(), active: status !== 'draft' }),
  );
  if (status === 'paused') await service.pause('acme', id);
  if (status === 'disabled') await service.disable('acme', id, { reason: 'It failed ten times in a row.' });
  if (status === 'archived') await service.archive('acme', id);
  return id;
}

const act = (action: Action, id: string) =>
  action === 'disable' || action === 'pause'
    ? services.service[action]('acme', id, { by: 'ann', reason: 'harm' })
    : services.service[action]('acme', id, 'ann');

describe('the status of a script', () => {
  it.each(cases.filter(({ to }) => to))(
    'changes from $from to $to by $action',
    async ({ action, from, to }) => {
      const id = await scriptIn(from);
      expect(await act(action, id)).toMatchObject({ id, status: to });
      expect((await services.service.get('acme', id)).status).toBe(to);
      expect(services.index.get(id) !== undefined).toBe(to === 'active');
    },
  );

  it.each(cases.filter(({ to }) => !to))(
    'does not change by $action if it is $from',
    async ({ action, from }) => {
      const id = await scriptIn(from);
      const error = await act(action, id).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ScriptStatusError);
      const to = Object.values(ALLOWED[action])[0];
      expect(error).toMatchObject({ from, to });
      expect((error as Error).message).toContain(`is ${from}`);
      expect((error as Error).message).toContain(to);
      expect((await services.service.get('acme', id)).status).toBe(from);
    },
  );

  it('keeps the reason for a pause until the script is active again', async () => {
    const id = await scriptIn('active');
    expect(await services.service.pause('acme', id, { by: 'ann', reason: 'Month end' })).toMatchObject({
      statusReason: 'Month end',
    });
    expect(await services.service.activate('acme', id)).toMatchObject({ statusReason: null });
  });

  it('changes once when several calls request the same change at the same time', async () => {
    const id = await scriptIn('active');
    const outcomes = await Promise.allSettled([act('pause', id), act('pause', id), act('pause', id)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});
