/**
 * `TESTS=full` runs every attempt of the hostile tables and every mode of each fault, as `.ci/run` does. The short form of
 * `npm test` takes a part of each table, so that a developer waits for minutes; every other test runs in both.
 */
export const FULL = process.env.TESTS === 'full' || process.env.FAULTS === 'full';
