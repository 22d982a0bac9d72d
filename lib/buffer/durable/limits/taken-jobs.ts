import type { Lane } from '../../shared-limits.js';

/**
 * What happens to a job. `run`: it runs. `park`: it is put aside because a limit is reached. `back`: the node stops, so
 * it is returned.
 */
export type Admission = 'run' | 'park' | 'back';

/** A job that waits in this process until it may run. */
export interface TakenJob {
  readonly lane: Lane;
  readonly resolve: (admission: Admission) => void;
  /**
   * While this timer runs, the job keeps the place that its worker came with. Without it, the job has given up that
   * place.
   */
  patience: NodeJS.Timeout | undefined;
}

/** The jobs that a process has taken and that wait for a place, in order of arrival. */
export class TakenJobs {
  private readonly jobs: TakenJob[] = [];

  add(job: TakenJob): void {
    this.jobs.push(job);
  }

  remove(job: TakenJob): void {
    this.jobs.splice(this.jobs.indexOf(job), 1);
    clearTimeout(job.patience);
  }

  clear(): TakenJob[] {
    for (const { patience } of this.jobs) clearTimeout(patience);
    return this.jobs.splice(0);
  }

  /** How many of them have no place. */
  get placeless(): number {
    return this.withoutPlace().length;
  }

  placelessOf(scriptId: string): number {
    return this.withoutPlace().filter(({ lane }) => lane.scriptId === scriptId).length;
  }

  /** The first job with the least `weight` among those that `may` accepts. */
  lightest(may: (job: TakenJob) => boolean, weight: (job: TakenJob) => number): TakenJob | undefined {
    let best: TakenJob | undefined;
    for (const job of this.jobs) if (may(job) && (!best || weight(job) < weight(best))) best = job;
    return best;
  }

  /** How many more jobs a tenant may have before it has as many as the tenant with the most. */
  behind(tenantId: string): number {
    const counts = this.perTenant();
    return Math.max(0, ...counts.values()) - (counts.get(tenantId) ?? 0);
  }

  /** The newest job without a place of the tenant that has the most. */
  newestOfMost(): TakenJob | undefined {
    const counts = this.perTenant();
    const most = Math.max(...counts.values());
    return this.withoutPlace().findLast(({ lane }) => counts.get(lane.tenantId) === most);
  }

  private withoutPlace(): TakenJob[] {
    return this.jobs.filter(({ patience }) => patience === undefined);
  }

  private perTenant(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { lane } of this.withoutPlace())
      counts.set(lane.tenantId, (counts.get(lane.tenantId) ?? 0) + 1);
    return counts;
  }
}
