import type { DataSource } from 'typeorm';
import { firstIdAt } from '../common/first-id-at.js';
import { toStorableJson, toStorableText } from '../common/json.js';
import { DEFAULT_PAGE_LIMIT, isUuid, type Page, pageOf, type PageRequest } from '../common/page.js';
import { insertLists, type SqlColumns, type SqlRow } from '../common/sql.js';
import { ExecutionEntity } from '../entities/index.js';
import { EntityRows } from '../entities/entity-rows.js';
import { PrimaryDatabase, type Statements } from '../entities/primary-database.js';
import { ownTablePath, tablePath } from '../entities/table-path.js';
import { likenessOf } from './alike.js';
import { ExecutionNotFoundError } from './execution-query.errors.js';
import { checkExecutionQuery } from './execution-query.js';
import { anyWriter, countingInsert, STATISTICS_TABLE } from './statistics.sql.js';
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
  cause_event_id: 'text',
  cause_execution_id: 'uuid',
  input: 'jsonb',
  attempt: 'integer',
  trigger: 'text',
  status: 'text',
  result: 'jsonb',
  error_kind: 'text',
  error_message: 'text',
  error_stack: 'text',
  error_line: 'integer',
  error_alike: 'bigint',
  logs: 'jsonb',
  logs_dropped: 'integer',
  published_events: 'integer',
  binding_calls: 'integer',
  duration_ms: 'double precision',
  cpu_ms: 'double precision',
  queue_ms: 'double precision',
  idempotency_key: 'text',
  dead_letter_id: 'uuid',
  requested_by: 'text',
  replay_of: 'uuid',
  trace_id: 'text',
  span_id: 'text',
  started_at: 'timestamptz',
  finished_at: 'timestamptz',
};

/**
 * Longest time between start and end of an execution, in milliseconds. Executions of a process that stood still are
 * long.
 */
const LONGEST_RUN_MS = 86_400_000;
/**
 * How many milliseconds an id may be ahead of the clock: if many ids are made in one millisecond, later ones have the
 * time of the next milliseconds.
 */
const ID_AHEAD_MS = 60_000;

/** The condition of the index that lets a script complete only once for an event. */
export const COMPLETION = `status = 'completed' AND trigger NOT IN ('manual', 'test')`;

/** Columns in a list. What may be large is left out: `input`, `result`, `logs`, `errorStack`. */
export const EXECUTION_SUMMARY = [
  'id',
  'tenantId',
  'scriptId',
  'scriptVersion',
  'eventId',
  'eventType',
  'occurredAt',
  'actorId',
  'depth',
  'causeEventId',
  'causeExecutionId',
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
  'requestedBy',
  'replayOf',
  'traceId',
  'spanId',
  'startedAt',
  'finishedAt',
] as const satisfies readonly (keyof ExecutionSummary)[];

/** Executions in PostgreSQL. */
export class TypeOrmExecutionRepository extends ExecutionRepository {
  private readonly writer = anyWriter();
  private readonly rows = new EntityRows(ExecutionEntity);
  private readonly primary: PrimaryDatabase;

  constructor(private readonly dataSource: DataSource) {
    super();
    this.primary = new PrimaryDatabase(dataSource);
  }

  /** @param statements of a transaction; left out: one of its own */
  async insertMany(
    executions: readonly NewExecution[],
    statements: Statements = this.primary,
  ): Promise<number> {
    if (executions.length === 0) return 0;
    const { sql, parameters } = insertLists(this.table, COLUMNS, executions.map(rowOf));
    const statistics = ownTablePath(this.dataSource, STATISTICS_TABLE);
    const [counted] = await statements.query<{ stored: number }>(
      countingInsert(sql, statistics, this.writer),
      parameters,
    );
    if (counted?.stored === executions.length) return 0;
    // Rows of a batch that is sent again after a lost answer already exist under their ids.
    const known = await this.ids(
      `SELECT e.id FROM unnest($1::text[], $2::uuid[]) AS r (tenant_id, id)
         JOIN ${this.table} e ON e.tenant_id = r.tenant_id AND e.id = r.id`,
      [executions.map(({ tenantId }) => tenantId), executions.map(({ id }) => id)],
      statements,
    );
    return executions.length - known.length;
  }

  /** The ids of the executions that are already stored, and of those that would be a second completion. */
  async knownOf(
    executions: readonly NewExecution[],
    statements: Statements,
  ): Promise<{ stored: Set<string>; repeated: Set<string> }> {
    const rows = await statements.query<{ id: string; stored: boolean; repeated: boolean }>(
      `SELECT r.id,
          EXISTS (SELECT FROM ${this.table} e WHERE e.tenant_id = r.tenant_id AND e.id = r.id) AS stored,
          r.trigger NOT IN ('manual', 'test') AND EXISTS (SELECT FROM ${this.table} e WHERE e.tenant_id = r.tenant_id
            AND e.event_id = r.event_id AND e.script_id = r.script_id AND ${COMPLETION}) AS repeated
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[]) AS r (id, tenant_id, event_id, script_id, trigger)`,
      [
        executions.map(({ id }) => id),
        executions.map(({ tenantId }) => tenantId),
        executions.map(({ eventId }) => eventId),
        executions.map(({ scriptId }) => scriptId),
        executions.map(({ trigger }) => trigger),
      ],
    );
    const idsOf = (found: typeof rows): Set<string> => new Set(found.map(({ id }) => id));
    const stored = rows.filter((row) => row.stored);
    return {
      stored: idsOf(stored),
      repeated: idsOf(rows.filter((row) => row.repeated && !row.stored)),
    };
  }

  async completionOf(tenantId: string, scriptId: string, eventId: string): Promise<string | null> {
    const [id] = await this.ids(
      `SELECT id FROM ${this.table} WHERE tenant_id = $1 AND script_id = $2::uuid AND event_id = $3
        AND ${COMPLETION} LIMIT 1`,
      [tenantId, scriptId, eventId],
    );
    return id ?? null;
  }

  async get(tenantId: string, id: string): Promise<ExecutionRecord> {
    const sql = `SELECT ${this.rows.columns('e')} FROM ${this.table} e WHERE e.tenant_id = $1 AND e.id = $2`;
    const [row] = isUuid(id) ? await this.primary.query<object>(sql, [tenantId, id]) : [];
    if (!row) throw new ExecutionNotFoundError(id);
    return this.rows.read(row);
  }

  async list(
    tenantId: string,
    filter: ExecutionFilter = {},
    page: PageRequest = {},
  ): Promise<Page<ExecutionSummary>> {
    checkExecutionQuery(filter, page);
    const limit = page.limit ?? DEFAULT_PAGE_LIMIT;
    const { conditions, parameters } = restrict(tenantId, filter, page);
    const sql = `SELECT ${this.rows.columns('e', EXECUTION_SUMMARY)} FROM ${this.table} e WHERE ${conditions.join(' AND ')}
        ORDER BY e.id DESC LIMIT ${limit + 1}`;
    // An event has few executions, and two indexes find them.
    const rows = await (filter.eventId === undefined
      ? this.primary.lookInOrder<{ id: string }>(sql, parameters)
      : this.primary.look<{ id: string }>(sql, parameters));
    const { items, nextCursor } = pageOf(rows, limit);
    return { items: items.map((row) => this.rows.read(row)), nextCursor };
  }

  private get table(): string {
    return tablePath(this.dataSource, ExecutionEntity);
  }

  private async ids(
    sql: string,
    parameters: unknown[],
    statements: Statements = this.primary,
  ): Promise<string[]> {
    return (await statements.query<{ id: string }>(sql, parameters)).map(({ id }) => id);
  }
}

const EQUAL = {
  scriptId: 'script_id',
  eventType: 'event_type',
  status: 'status',
  trigger: 'trigger',
  errorKind: 'error_kind',
  deadLetterId: 'dead_letter_id',
  replayOf: 'replay_of',
} as const satisfies Partial<Record<keyof ExecutionFilter, string>>;

/** Conditions over `e`. Values from the caller become parameters, never SQL. */
function restrict(
  tenantId: string,
  filter: ExecutionFilter,
  { cursor }: PageRequest,
): { conditions: string[]; parameters: unknown[] } {
  const conditions: string[] = [];
  const parameters: unknown[] = [];
  const and = (condition: string, value: unknown): void => {
    if (value !== undefined) conditions.push(`e.${condition} $${parameters.push(value)}`);
  };
  and('tenant_id =', tenantId);
  for (const [field, column] of Object.entries(EQUAL))
    and(`${column} =`, filter[field as keyof typeof EQUAL]);
  if (filter.eventId !== undefined) {
    const isEvent = `e.event_id = $${parameters.push(filter.eventId)}`;
    // Written as two halves, because each of the two partial indexes covers one of them.
    conditions.push(`(${isEvent} AND ${COMPLETION} OR ${isEvent} AND NOT (${COMPLETION}))`);
  }
  // The conditions of partial indexes, so that PostgreSQL uses them.
  if (filter.errorKind !== undefined) conditions.push("e.status = 'failed'");
  if (filter.trigger !== undefined && filter.trigger !== 'event') conditions.push("e.trigger <> 'event'");
  and('finished_at >=', filter.from);
  and('finished_at <', filter.to);
  // Ids begin with the time of the start. Without these bounds, a page of last month would read all newer rows, and a
  // page of the last minute in which nothing ran would read all rows.
  and('id >=', filter.from && firstIdAt(new Date(filter.from.getTime() - LONGEST_RUN_MS)));
  and('id <', filter.to && firstIdAt(new Date(filter.to.getTime() + ID_AHEAD_MS)));
  and('id <', cursor);
  return { conditions, parameters };
}

function rowOf(execution: NewExecution): SqlRow {
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
    cause_event_id: execution.causeEventId,
    cause_execution_id: execution.causeExecutionId,
    input: execution.inputText,
    attempt: execution.attempt,
    trigger: execution.trigger,
    status: execution.status,
    result: execution.resultText,
    error_kind: error?.kind,
    error_message: error ? toStorableText(error.message) : undefined,
    error_stack: error?.stack === undefined ? undefined : toStorableText(error.stack),
    error_line: error?.line,
    error_alike: error ? likenessOf(error.message) : undefined,
    logs: toStorableJson(JSON.stringify(execution.logs)),
    logs_dropped: execution.logsDropped,
    published_events: execution.publishedEvents,
    binding_calls: execution.bindingCalls,
    duration_ms: execution.durationMs,
    cpu_ms: execution.cpuMs,
    queue_ms: execution.queueMs,
    idempotency_key: execution.idempotencyKey,
    dead_letter_id: execution.deadLetterId,
    requested_by: execution.requestedBy,
    replay_of: execution.replayOf,
    trace_id: execution.traceId,
    span_id: execution.spanId,
    started_at: execution.startedAt,
    finished_at: execution.finishedAt,
  };
}
