import type { QueuedEvent } from '../../queued-event.js';
import type { DurableTables } from '../durable-database.js';
import { insertJobs, IS_SERIALIZABLE, virtualTagFor, wakeNodes } from '../engine/engine-sql.js';
import type { FairTags } from './fair-tags.js';
import type { EventJob, TurnJob } from './job-envelope.js';

interface Row {
  /** Tenant. */
  t: string;
  /** Event id. */
  e: string;
  /** Lowest tag. */
  f: number;
  /** Position among the tenant's events of this statement. */
  n: number;
  /** The engine's payload as JSON text, in two parts if an event's payload stands between them. */
  j: [head: string, tail: string];
  /** The queued event in such parts, its script, key, policy and deliveries, if it is ordered. */
  o: { s: string; k: string; p: string; q: [head: string, tail: string]; d: number } | undefined;
  /** Position of the event's payload among those of the statement, from 1. */
  p: number;
}

/** A row that the statement returns: text, because it is sent on a connection of the host with the host's parsers. */
export interface EnqueueRow {
  tag: string;
  added: string;
  /** `true` if the transaction is serializable and so used the given virtual time. */
  serializable: string;
}

/** One statement that stores queued events. */
export interface EnqueueStatement {
  text: string;
  values: [rows: string, virtualTime: number | null, payloads: string];
  /** Queued events per tenant. */
  counts: ReadonlyMap<string, number>;
}

/** Options of the statement. */
export interface EnqueueStatementOptions {
  /** Whether to leave out events whose id the tenant has published before. */
  once: boolean;
  /**
   * The virtual time as this node knows it, for a transaction that must not read it. Default: the statement reads it.
   */
  virtualTime?: number | undefined;
  /** How many deliveries an event may already have had. Default 0. */
  deliveries?: (event: QueuedEvent) => number;
  /**
   * Longest wait for a key that somebody else's transaction holds, in milliseconds. After that the server gives up and
   * has written nothing. Only for a statement that is its own transaction. Default: the connection's setting.
   */
  lockTimeoutMs?: number;
}

/**
 * Builds the statement; pass its result to {@link FairTags.advance}. A payload is sent once, for however many scripts,
 * and the server assembles the jobs.
 */
export function enqueueStatement(
  tables: DurableTables,
  engine: string,
  tags: FairTags,
  events: readonly QueuedEvent[],
  options: EnqueueStatementOptions,
): EnqueueStatement {
  const counts = new Map<string, number>();
  for (const { tenantId } of events) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1);
  const floors = new Map([...counts].map(([tenant, count]) => [tenant, tags.reserve(tenant, count)]));
  const places = new Map<string, number>();
  const payloads = new Map<string, number>();
  const rows = events.map((event): Row => {
    const { tenantId } = event;
    const place = places.get(tenantId) ?? 0;
    places.set(tenantId, place + 1);
    const p = payloads.get(event.payload) ?? payloads.size + 1;
    payloads.set(event.payload, p);
    const { j, o } = jobOf(event, options.deliveries?.(event) ?? 0);
    return { t: tenantId, e: event.id, f: floors.get(tenantId) ?? 0, n: place, p, j, o };
  });
  const ordered = events.some((event) => event.ordering !== undefined);
  const text = options.once || ordered ? fullText(tables, engine, options, ordered) : plainText(engine);
  const values: EnqueueStatement['values'] = [
    JSON.stringify(rows),
    options.virtualTime ?? null,
    JSON.stringify([...payloads.keys()]),
  ];
  return { text, values, counts };
}

function jobOf(event: QueuedEvent, deliveries: number): Pick<Row, 'j' | 'o'> {
  const { ordering, tenantId, scriptId } = event;
  const around = aroundPayload(event);
  if (!ordering) {
    const job: Omit<EventJob, 'e'> = deliveries > 0 ? { v: 1, d: deliveries } : { v: 1 };
    return { j: [`${JSON.stringify(job).slice(0, -1)},"e":${around[0]}`, `${around[1]}}`], o: undefined };
  }
  const turn: TurnJob = { v: 1, t: { tenantId, scriptId, key: ordering.key } };
  return {
    j: [JSON.stringify(turn), ''],
    o: { s: scriptId, k: ordering.key, p: ordering.onFailure, q: around, d: deliveries },
  };
}

/**
 * The JSON text of a queued event without its payload: the parts before and after it. Each field is named, because V8
 * creates an object by rest or spread several times more slowly.
 */
function aroundPayload(event: QueuedEvent): [head: string, tail: string] {
  const rest: Record<Exclude<keyof QueuedEvent, 'payload'>, unknown> = {
    id: event.id,
    type: event.type,
    tenantId: event.tenantId,
    occurredAt: event.occurredAt,
    actor: event.actor,
    cause: event.cause,
    trace: event.trace,
    scriptId: event.scriptId,
    attempt: event.attempt,
    enqueuedAt: event.enqueuedAt,
    ordering: event.ordering,
    undecided: event.undecided,
    otherScriptIds: event.otherScriptIds,
  };
  return [`${JSON.stringify(rest).slice(0, -1)},"payload":`, '}'];
}

/** The payloads of the statement as JSON text; `wholeOf` puts one between the parts around it. */
const PAYLOADS = `payloads AS MATERIALIZED (SELECT at, item::text AS payload
    FROM json_array_elements($3::json) WITH ORDINALITY AS p (item, at))`;
const wholeOf = (parts: string): string => `((${parts}->>0) || payload || (${parts}->>1))::json`;

/**
 * The text for most statements. The statement is planned anew each time on the caller's connection, and planning the
 * full text would take 0.4 ms more.
 */
const plainText = (engine: string): string =>
  `WITH virtual AS MATERIALIZED (SELECT ${virtualTagFor(engine, '$2')} AS tag),
  ${PAYLOADS},
  jobs AS (${insertJobs(
    engine,
    wholeOf('j'),
    'greatest(f, tag) + n',
    'json_to_recordset($1::json) AS r (f bigint, n integer, j json, p bigint) JOIN payloads ON at = p, virtual',
  )})
  ${ANSWER}`;

/** What was added, and the virtual time that was used. */
const ANSWER = `SELECT tag::text, added::text, (${IS_SERIALIZABLE})::text AS serializable, ${wakeNodes('added')} AS woken
  FROM virtual, (SELECT count(*) AS added FROM jobs) AS a`;

function fullText(
  tables: DurableTables,
  engine: string,
  { once, lockTimeoutMs }: EnqueueStatementOptions,
  ordered: boolean,
): string {
  const source = once ? 'fresh' : 'input';
  const parts = [
    `virtual AS MATERIALIZED (SELECT ${virtualTagFor(engine, '$2')} AS tag)`,
    `input AS MATERIALIZED (SELECT r->>'t' AS tenant_id, r->>'e' AS event_id, (r->>'f')::bigint AS floor,
      (r->>'n')::integer AS place, r->'j' AS job, r->'o' AS o, (r->>'p')::bigint AS p FROM json_array_elements($1::json) AS r)`,
    PAYLOADS,
    once &&
      `keys AS (INSERT INTO ${tables.keys} (tenant_id, event_id) SELECT DISTINCT tenant_id, event_id FROM input
        ON CONFLICT DO NOTHING RETURNING tenant_id, event_id)`,
    once && `fresh AS MATERIALIZED (SELECT input.* FROM input JOIN keys USING (tenant_id, event_id))`,
    ordered && `patience AS MATERIALIZED (SELECT ${patience(lockTimeoutMs)})`,
    // Publishers of one key take turns until their commits, so that the order of ids is the order of commits.
    ordered &&
      `locked AS MATERIALIZED (SELECT count(*) FROM (SELECT pg_advisory_xact_lock(hashtextextended(lane, 0)) FROM
        (SELECT DISTINCT (o->>'s') || chr(31) || (o->>'k') AS lane FROM patience, ${source} WHERE o IS NOT NULL ORDER BY 1) AS l) AS k)`,
    ordered &&
      `ordered AS (INSERT INTO ${tables.ordered} (tenant_id, script_id, order_key, event_id, event, on_failure, deliveries)
        SELECT tenant_id, o->>'s', o->>'k', event_id, ${wholeOf("o->'q'")}, o->>'p', (o->>'d')::integer
        FROM locked, ${source} JOIN payloads ON at = p WHERE o IS NOT NULL ORDER BY place)`,
    `jobs AS (${insertJobs(
      engine,
      `CASE WHEN o IS NULL THEN ${wholeOf('job')} ELSE (job->>0)::json END`,
      'greatest(floor, tag) + place',
      `${source} JOIN payloads ON at = p, virtual`,
    )})`,
  ];
  return `WITH ${parts.filter(Boolean).join(',\n')}\n${ANSWER}`;
}

/** Sets the lock timeout until the transaction ends. The server reads the setting when it starts to wait. */
const patience = (lockTimeoutMs: number | undefined): string =>
  lockTimeoutMs === undefined ? '' : `set_config('lock_timeout', '${lockTimeoutMs}', true)`;
