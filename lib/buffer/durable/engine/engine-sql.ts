import { startMarginMs } from '../graphile-worker.options.js';
import { TASK } from '../queue/job-envelope.js';

/** `"schema"`, for use in SQL text. */
export const quotedSchema = (schema: string): string => `"${schema.replaceAll('"', '""')}"`;

/**
 * The engine drops a job after this many deliveries, the largest number it can store. Long before that, what can't be
 * processed is kept as a dead letter.
 */
const MAX_ATTEMPTS = 32_767;

/** Priority of queued events; lower goes first. */
export const PRIORITY = 0;
/**
 * Priority of jobs that had reached the head of the queue and could not be processed because the database was
 * unavailable.
 */
export const PRIORITY_AGAIN = -1;

/** Tags are times this far in the past, so that a job is always due; see `FairTags`. */
const TAGS_BACK = `interval '20 years'`;

/**
 * Longer than any wait for an answer. If a node took a job longer ago than this and doesn't know of it, the answer to
 * that statement was lost.
 */
export const UNKNOWN_AFTER = `interval '1 minute'`;

/**
 * SQL condition: the node's lease holds, and will until the statement has ended. A node takes jobs only under this
 * condition, because after it was stopped or suspended, what it knows about itself is wrong.
 *
 * @param nodes the table of nodes, quoted
 * @param id parameter with the node's id
 */
export const leaseIsValid = (nodes: string, id: string, leaseMs: number): string =>
  `EXISTS (SELECT FROM ${nodes} WHERE id = ${id}::text AND expires_at > now() + interval '${startMarginMs(leaseMs)} milliseconds')`;

/** SQL condition: the job's time is a real one, not a tag. */
export const IS_REAL_TIME = `run_at > now() - interval '19 years'`;

/** SQL expression for the virtual time: the lowest waiting tag, or the clock's tag if none is waiting. */
export const virtualTag = (engine: string): string =>
  `(extract(epoch FROM coalesce(
    (SELECT run_at FROM ${engine}._private_jobs
      WHERE is_available AND priority = ${PRIORITY} AND NOT ${IS_REAL_TIME} ORDER BY priority, run_at LIMIT 1),
    now() - ${TAGS_BACK})) * 1000000)::bigint`;

/** SQL condition: the transaction is serializable, so its reads can conflict. */
export const IS_SERIALIZABLE = `current_setting('transaction_isolation') = 'serializable'`;

/**
 * {@link virtualTag} for a statement in somebody else's transaction. A serializable transaction uses the given virtual
 * time and doesn't read the queue, whose head all others change.
 *
 * @param known parameter with the virtual time as the node knows it; null if it doesn't
 */
export const virtualTagFor = (engine: string, known: string): string =>
  `CASE WHEN ${IS_SERIALIZABLE} AND ${known}::bigint IS NOT NULL THEN ${known}::bigint ELSE ${virtualTag(engine)} END`;

/**
 * SQL statement that adds a job for each row of `from`, as the engine's own function does for jobs without key and
 * queue, but without reading other jobs: in a serializable transaction that would conflict with all other publishers.
 * Fails if our kind of job isn't registered.
 */
export const insertJobs = (engine: string, payload: string, tag: string, from: string): string =>
  `INSERT INTO ${engine}._private_jobs (task_id, payload, priority, max_attempts, run_at)
    SELECT (SELECT id FROM ${engine}._private_tasks WHERE identifier = '${TASK}'), ${payload}, ${PRIORITY}, ${MAX_ATTEMPTS},
      timestamptz 'epoch' + (${tag}) * interval '1 microsecond' FROM ${from} RETURNING 1`;

/** SQL expression that wakes idle nodes for `count` jobs, and evaluates to null. Each node of the engine takes one. */
export const wakeNodes = (count: string): string =>
  `CASE WHEN ${count} > 0 THEN pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":' || ${count} || '}') END`;

/**
 * SQL expression that adds a job for each row of `from`, which may be empty, and counts them. `payload` and `tag` are
 * expressions over these rows.
 */
export const addJobsIfAny = (engine: string, payload: string, tag: string, from: string): string =>
  `(SELECT count(*) FROM ${addedJobs(engine, payload, tag, from)} WHERE EXISTS (SELECT FROM ${from}))`;

const addedJobs = (engine: string, payload: string, tag: string, from: string): string =>
  `${engine}.add_jobs(array(SELECT json_populate_record(null::${engine}.job_spec,
    json_build_object('identifier', '${TASK}', 'payload', ${payload}, 'priority', ${PRIORITY},
      'max_attempts', ${MAX_ATTEMPTS}, 'run_at', timestamptz 'epoch' + (${tag}) * interval '1 microsecond'))
    FROM ${from}))`;
