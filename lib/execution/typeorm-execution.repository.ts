import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { toStorableJson, toStorableText } from '../common/json.js';
import { DEFAULT_PAGE_LIMIT, isUuid, type Page, pageOf, type PageRequest } from '../common/page.js';
import { insertRecordset, type SqlColumns } from '../common/sql.js';
import { ExecutionEntity } from '../entities/index.js';
import { tablePath } from '../entities/table-path.js';
import { ExecutionNotFoundError } from './execution-query.errors.js';
import { checkExecutionQuery } from './execution-query.js';
import {
  type ExecutionFilter,
  type ExecutionRecord,
  ExecutionRepository,
  type ExecutionSummary,
  type NewExecution,
} from './execution.repository.js';

const COLUMNS: SqlColumns = {
  id: 'uuid',
  tenant_id: 'text',
  script_id: 'uuid',
  script_version: 'integer',
  event_id: 'text',
  event_type: 'text',
  occurred_at: 'timestamptz',
  actor_id: 'text',
  depth: 'integer',
  input: 'jsonb',
  attempt: 'integer',
  trigger: 'text',
  status: 'text',
  result: 'jsonb',
  error_kind: 'text',
  error_message: 'text',
  error_stack: 'text',
  error_line: 'integer',
  logs: 'jsonb',
  logs_dropped: 'integer',
  published_events: 'integer',
  binding_calls: 'integer',
  duration_ms: 'double precision',
  cpu_ms: 'double precision',
  queue_ms: 'double precision',
  idempotency_key: 'text',
  dead_letter_id: 'uuid',
  started_at: 'timestamptz',
  finished_at: 'timestamptz',
};

/** A list leaves out what may be large: `input`, `result`, `logs`, `errorStack`. */
const SUMMARY = [
  'id',
  'tenantId',
  'scriptId',
  'scriptVersion',
  'eventId',
  'eventType',
  'occurredAt',
  'actorId',
  'depth',
  'attempt',
  'trigger',
  'status',
  'errorKind',
  'errorMessage',
  'errorLine',
  'logsDropped',
  'publishedEvents',
  'bindingCalls',
  'durationMs',
  'cpuMs',
  'queueMs',
  'idempotencyKey',
  'deadLetterId',
  'startedAt',
  'finishedAt',
] as const satisfies readonly (keyof ExecutionSummary)[];

/** Executions in PostgreSQL. */
export class TypeOrmExecutionRepository extends ExecutionRepository {
  private statement: string | undefined;

  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async insertMany(executions: readonly NewExecution[]): Promise<number> {
    if (executions.length === 0) return 0;
    this.statement ??= `${insertRecordset(this.table, COLUMNS)} RETURNING id`;
    const parameters = [JSON.stringify(executions.map(rowOf))];
    const stored = new Set(await this.ids(this.statement, parameters));
    const left = executions.map(({ id }) => id).filter((id) => !stored.has(id));
    if (left.length === 0) return 0;
    // Rows of a batch that is sent again because its answer was lost are there under their ids.
    const known = await this.ids(`SELECT id FROM ${this.table} WHERE id = ANY($1::uuid[])`, [left]);
    return left.length - known.length;
  }

  async completionOf(tenantId: string, scriptId: string, eventId: string): Promise<string | null> {
    const found = await this.ofTenant(tenantId)
      .select('e.id')
      .andWhere(`e.scriptId = :scriptId AND e.eventId = :eventId AND e.status = 'completed'`, {
        scriptId,
        eventId,
      })
      .andWhere(`e.trigger NOT IN ('manual', 'test')`)
      .getOne();
    return found?.id ?? null;
  }

  async get(tenantId: string, id: string): Promise<ExecutionRecord> {
    const found = isUuid(id) ? await this.ofTenant(tenantId).andWhere('e.id = :id', { id }).getOne() : null;
    if (!found) throw new ExecutionNotFoundError(id);
    return found;
  }

  async list(
    tenantId: string,
    filter: ExecutionFilter = {},
    page: PageRequest = {},
  ): Promise<Page<ExecutionSummary>> {
    checkExecutionQuery(filter, page);
    const limit = page.limit ?? DEFAULT_PAGE_LIMIT;
    const query = this.ofTenant(tenantId)
      .select(SUMMARY.map((field) => `e.${field}`))
      .orderBy('e.id', 'DESC')
      .take(limit + 1);
    if (page.cursor !== undefined) query.andWhere('e.id < :cursor', { cursor: page.cursor });
    return pageOf(await restrict(query, filter).getMany(), limit);
  }

  private get table(): string {
    return tablePath(this.dataSource, ExecutionEntity);
  }

  private async ids(sql: string, parameters: unknown[]): Promise<string[]> {
    return (await this.dataSource.query<{ id: string }[]>(sql, parameters)).map(({ id }) => id);
  }

  private ofTenant(tenantId: string): SelectQueryBuilder<ExecutionEntity> {
    const executions = this.dataSource.getRepository(ExecutionEntity);
    return executions.createQueryBuilder('e').where('e.tenantId = :tenantId', { tenantId });
  }
}

function restrict(
  query: SelectQueryBuilder<ExecutionEntity>,
  { from, to, ...equal }: ExecutionFilter,
): SelectQueryBuilder<ExecutionEntity> {
  for (const [field, value] of Object.entries(equal)) {
    if (value !== undefined) query.andWhere(`e.${field} = :${field}`, { [field]: value });
  }
  if (from) query.andWhere('e.finishedAt >= :from', { from });
  if (to) query.andWhere('e.finishedAt < :to', { to });
  return query;
}

function rowOf(execution: NewExecution): Record<keyof typeof COLUMNS, unknown> {
  const { error } = execution;
  return {
    id: execution.id,
    tenant_id: execution.tenantId,
    script_id: execution.scriptId,
    script_version: execution.scriptVersion,
    event_id: execution.eventId,
    event_type: execution.eventType,
    occurred_at: execution.occurredAt,
    actor_id: execution.actorId,
    depth: execution.depth,
    input: execution.inputText,
    attempt: execution.attempt,
    trigger: execution.trigger,
    status: execution.status,
    result: execution.resultText,
    error_kind: error?.kind ?? null,
    error_message: error ? toStorableText(error.message) : null,
    error_stack: error?.stack === undefined ? null : toStorableText(error.stack),
    error_line: error?.line ?? null,
    logs: toStorableJson(JSON.stringify(execution.logs)),
    logs_dropped: execution.logsDropped,
    published_events: execution.publishedEvents,
    binding_calls: execution.bindingCalls,
    duration_ms: execution.durationMs,
    cpu_ms: execution.cpuMs,
    queue_ms: execution.queueMs,
    idempotency_key: execution.idempotencyKey,
    dead_letter_id: execution.deadLetterId,
    started_at: execution.startedAt,
    finished_at: execution.finishedAt,
  };
}
