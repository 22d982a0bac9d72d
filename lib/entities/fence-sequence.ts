/**
 * The sequence of fencing tokens: whoever takes a queued event or a dead letter to run it draws a number, and a later
 * owner has a greater one. Retries in memory mode need it too.
 */
export const FENCE_SEQUENCE = 'scripts_event_fence_seq';

/** SQL expression for a fencing token, as text. @param fence the sequence's path, quoted */
export const nextToken = (fence: string): string => `nextval('${fence.replaceAll("'", "''")}')::text`;
