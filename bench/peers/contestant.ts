/** The load that each contestant gets: events for the scripts of several tenants in turn. All scripts have the same source. */
export interface Load {
  tenants: number;
  scriptsPerTenant: number;
}

/** One way to run a tenant's script when an event occurs. */
export interface Contestant {
  name: string;
  /** What is stored of a run, and what a run can harm. */
  keeps: string;
  /** Emits `events` events, each for one script of the load. Resolves when every run has ended. */
  run(events: number): Promise<void>;
  stop(): Promise<void>;
}

/** The script of the load that runs for the event with this number. */
export function scriptOf(
  { tenants, scriptsPerTenant }: Load,
  event: number,
): { tenant: string; type: string } {
  return {
    tenant: `tenant-${event % tenants}`,
    type: `client.changed_${Math.floor(event / tenants) % scriptsPerTenant}`,
  };
}

/** All scripts of a load. */
export function scriptsOf(load: Load): { tenant: string; type: string }[] {
  return Array.from({ length: load.tenants * load.scriptsPerTenant }, (_, event) => scriptOf(load, event));
}

/** The payload of every event, without its tenant. */
export const PAYLOAD = { clientId: 1815, name: 'Ada Lovelace', email: 'ada@example.com' };

/** A script of usual size: it logs a line and returns a number. */
export const SOURCE = `sdk.log.info('A client', { id: ctx.input.clientId }); return ctx.input.clientId * 2;`;

/** Counts ends of runs. */
export class Countdown {
  private left = 0;
  private resolve: (() => void) | undefined;

  /** Resolves at the `count`th {@link done} from now on. */
  of(count: number): Promise<void> {
    this.left = count;
    return new Promise((resolve) => (this.resolve = resolve));
  }

  done(): void {
    this.left -= 1;
    if (this.left === 0) this.resolve?.();
  }
}
