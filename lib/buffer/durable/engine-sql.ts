import { startMarginMs } from './graphile-worker.options.js';
import { TASK } from './job-envelope.js';

/** `"schema"`, for use in SQL text. */
export const quotedSchema = (schema: string): string => `"${schema.replaceAll('"', '""')}"`;

/**
 * The engine drops a job after this many deliveries: its largest number. What cannot be processed is kept as a dead
 * letter long before, by whoever processes it.
 */
const MAX_ATTEMPTS = 32_767;

/** Priority of queued events; lower goes first. */
export const PRIORITY = 0;
/** Priority of what had reached the head of the queue and could not be processed for want of a database. */
export const PRIORITY_AGAIN = -1;

/** Tags are times that lie this far back, so that a job is always due; see `FairTags`. */
const TAGS_BACK = `interval '20 years'`;

/** No answer is waited for as long: what a node took longer ago, and does not know, it took by a statement whose answer was lost. */
export const UNKNOWN_AFTER = `interval '1 minute'`;

/**
 * SQL condition: the node's lease holds, and will until the statement has ended. Whatever a node takes, it takes under
 * this condition: what it believes of itself is wrong after it was stopped or suspended.
 *
 * @param nodes the table of nodes, quoted
 * @param id parameter with the node's id
 */
export const leaseHeld = (nodes: string, id: string, leaseMs: number): string =>
  `EXISTS (SELECT FROM ${nodes} WHERE id = ${id}::text AND expires_at > now() + interval '${startMarginMs(leaseMs)} milliseconds')`;

/** SQL expression for a fencing token, as text. @param fence the sequence, quoted */
export const nextToken = (fence: string): string => `nextval('${fence.replaceAll("'", "''")}')::text`;

/** SQL condition: the job's time is a real one, not a tag. */
export const IS_REAL_TIME = `run_at > now() - interval '19 years'`;

/** SQL expression for the virtual time: the lowest tag that waits, or the clock's when none does. */
export const virtualTag = (engine: string): string =>
  `(extract(epoch FROM coalesce(
    (SELECT run_at FROM ${engine}._private_jobs
      WHERE is_available AND priority = ${PRIORITY} AND NOT ${IS_REAL_TIME} ORDER BY priority, run_at LIMIT 1),
    now() - ${TAGS_BACK})) * 1000000)::bigint`;

/**
 * SQL expression that adds a job for each row of `from`, and counts them. `payload` and `tag` are expressions over these
 * rows.
 */
export const addJobs = (engine: string, payload: string, tag: string, from: string): string =>
  `(SELECT count(*) FROM ${addedJobs(engine, payload, tag, from)})`;

/** The same where there may be no rows: nobody is woken for nothing. */
export const addJobsIfAny = (engine: string, payload: string, tag: string, from: string): string =>
  `(SELECT count(*) FROM ${addedJobs(engine, payload, tag, from)} WHERE EXISTS (SELECT FROM ${from}))`;

const addedJobs = (engine: string, payload: string, tag: string, from: string): string =>
  `${engine}.add_jobs(array(SELECT json_populate_record(null::${engine}.job_spec,
    json_build_object('identifier', '${TASK}', 'payload', ${payload}, 'priority', ${PRIORITY},
      'max_attempts', ${MAX_ATTEMPTS}, 'run_at', timestamptz 'epoch' + (${tag}) * interval '1 microsecond'))
    FROM ${from}))`;
