import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SETTINGS, type ResolvedAdminSettings } from '../admin.options.js';
import { Problem } from '../http/problem.js';

/** Seconds after which a place may be free. */
const RETRY_AFTER = '1';

/**
 * Limits how many runs users may start for a tenant at the same time. They run immediately, in addition to the buffer's
 * runs.
 */
@Injectable()
export class RunPlaces {
  private readonly taken = new Map<string, number>();

  constructor(@Inject(ADMIN_SETTINGS) private readonly settings: ResolvedAdminSettings) {}

  /** @throws Problem 429 if the tenant has the maximum number */
  async within<T>(tenantId: string, run: () => Promise<T>): Promise<T> {
    const before = this.taken.get(tenantId) ?? 0;
    if (before >= this.settings.maxTestRuns)
      throw new Problem(
        429,
        'too-many-runs',
        'The tenant already runs as many tests and replays as it may. Try again when one has ended.',
        {
          headers: { 'Retry-After': RETRY_AFTER },
        },
      );
    this.taken.set(tenantId, before + 1);
    try {
      return await run();
    } finally {
      const left = (this.taken.get(tenantId) ?? 1) - 1;
      if (left > 0) this.taken.set(tenantId, left);
      else this.taken.delete(tenantId);
    }
  }
}
