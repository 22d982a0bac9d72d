import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { PrimaryDatabase } from '../../../lib/entities/primary-database.js';
import type { ExecutionFilter } from '../../../lib/execution/execution.repository.js';
import { TypeOrmExecutionRepository } from '../../../lib/execution/typeorm-execution.repository.js';
import { testDataSource } from '../../support/postgres.js';
import { planOf, type PlanStep, rowsRead } from '../../support/query-plan.js';
import { completed, failed } from './executions.fixture.js';

const SCRIPTS = Array.from({ length: 50 }, () => uuid());
const EVENTS = Array.from({ length: 2_000 }, () => uuid());

/** Executions of an event: a completion of each of two scripts, a failure before one of them, and a direct call by the host. */
const executionsOf = (eventId: string, at: number) => {
  const [one, other] = [SCRIPTS[at % 50], SCRIPTS[(at + 1) % 50]];
  return [
    failed({ eventId, scriptId: one }),
    completed({ eventId, scriptId: one, attempt: 2, trigger: 'retry' }),
    completed({ eventId, scriptId: other }),
    completed({ eventId, scriptId: other, trigger: 'manual' }),
  ];
};

describe('lists of executions in a table with rows', () => {
  let dataSource: DataSource;
  let repository: TypeOrmExecutionRepository;

  beforeAll(async () => {
    dataSource = await testDataSource();
    repository = new TypeOrmExecutionRepository(dataSource);
    await repository.insertMany(EVENTS.flatMap(executionsOf));
    await dataSource.query('ANALYZE script_executions');
  });

  afterEach(() => jest.restoreAllMocks());

  /** The plan of the repository's own statement for a list. */
  const planOfList = async (filter: ExecutionFilter): Promise<PlanStep[]> => {
    return await planOfLook(() => repository.list('acme', filter, { limit: 20 }));
  };

  const planOfLook = async (ask: () => Promise<unknown>): Promise<PlanStep[]> => {
    const [look, inOrder] = (['look', 'lookInOrder'] as const).map((name) =>
      jest.spyOn(PrimaryDatabase.prototype, name),
    );
    await ask();
    const ordered = inOrder!.mock.calls.at(-1);
    const [sql, parameters] = ordered ?? look!.mock.calls.at(-1)!;
    return await planOf(
      dataSource,
      sql,
      [...(parameters ?? [])],
      ordered ? 'SET LOCAL enable_bitmapscan = off' : '',
    );
  };

  it('find all executions of an event, completed or not, through the two indexes for them', async () => {
    const filter = { eventId: EVENTS[1_000] };
    expect((await repository.list('acme', filter)).items).toHaveLength(4);
    const plan = await planOfList(filter);
    const indexes = plan.map((step) => step['Index Name']);
    expect(indexes).toContain('script_executions_completion_key');
    expect(indexes).toContain('script_executions_event_idx');
    expect(rowsRead(plan)).toBe(4);
  });

  it('read a page of a script from its index and no other row', async () => {
    const plan = await planOfList({ scriptId: SCRIPTS[7] });
    expect(plan.map((step) => step['Index Name'])).toContain('script_executions_script_idx');
    expect(rowsRead(plan)).toBe(21);
  });

  it.each<[string, ExecutionFilter]>([
    ['failure is of a kind', { errorKind: 'memory' }],
    ['event is of a type', { eventType: 'order.shipped' }],
    ['execution is a replay', { trigger: 'replay' }],
    ['failure is of a script', { status: 'failed', scriptId: uuid() }],
  ])('read no row when no %s', async (_what, filter) => {
    expect(rowsRead(await planOfList(filter))).toBe(0);
  });

  it('read the newest executions of a tenant, and none of the later ones of other tenants', async () => {
    await repository.insertMany(Array.from({ length: 50 }, () => completed({ tenantId: 'idle' })));
    await repository.insertMany(Array.from({ length: 3_000 }, () => completed()));
    await dataSource.query('ANALYZE script_executions');
    expect(rowsRead(await planOfLook(() => repository.list('idle', {}, { limit: 20 })))).toBe(21);
  });

  it('read only the executions of a dead letter', async () => {
    const deadLetterId = uuid();
    await repository.insertMany([
      failed({ deadLetterId, trigger: 'retry' }),
      completed({ deadLetterId, trigger: 'retry' }),
    ]);
    const plan = await planOfList({ deadLetterId });
    expect(plan.map((step) => step['Index Name'])).toContain('script_executions_dead_letter_idx');
    expect(rowsRead(plan)).toBe(2);
  });

  it('read no execution that began after the requested time or long before it', async () => {
    const now = Date.now();
    const [early, late] = [new Date(now - 86_400_000), new Date(now + 2 * 86_400_000)];
    expect(rowsRead(await planOfList({ to: early }))).toBe(0);
    expect(rowsRead(await planOfList({ from: late }))).toBe(0);
  });

  it('read only the rows of a page of a tenant', async () => {
    expect(rowsRead(await planOfList({}))).toBe(21);
  });
});
