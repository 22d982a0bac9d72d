import type { DataSource } from 'typeorm';

/** A step of a plan, as `EXPLAIN (ANALYZE, FORMAT JSON)` names its parts. */
export interface PlanStep {
  'Node Type': string;
  'Index Name'?: string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanStep[];
}

const steps = (step: PlanStep): PlanStep[] => [step, ...(step.Plans ?? []).flatMap(steps)];

/**
 * The plan of a statement as a list of steps. Runs the statement, and rolls back what it changes.
 *
 * @param settings of its transaction
 */
export async function planOf(
  dataSource: DataSource,
  sql: string,
  parameters: unknown[],
  settings = '',
): Promise<PlanStep[]> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query(settings);
    const [row] = (await runner.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, parameters)) as [
      { 'QUERY PLAN': [{ Plan: PlanStep }] },
    ];
    return steps(row['QUERY PLAN'][0].Plan);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

/** How many rows of tables the steps of a plan have read, including those that a filter then removed. */
export const rowsRead = (plan: readonly PlanStep[]): number =>
  plan
    .filter((step) => step['Relation Name'] !== undefined)
    .map((step) => (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0)) * step['Actual Loops'])
    .reduce((sum, rows) => sum + rows, 0);
