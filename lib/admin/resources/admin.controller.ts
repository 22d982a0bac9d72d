import { Inject } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Shown } from '../access/shown.js';
import { ADMIN_SETTINGS, type ResolvedAdminSettings } from '../admin.options.js';
import type { Call } from '../http/route.js';

/** What the API's controllers have in common. */
export abstract class AdminController {
  @Inject(HttpAdapterHost)
  readonly adapterHost!: HttpAdapterHost;

  @Inject(ADMIN_SETTINGS)
  protected readonly settings!: ResolvedAdminSettings;

  /** What the session of a call may see of scripts' data. */
  protected shown({ session, tenantId }: Pick<Call, 'session' | 'tenantId'>): Shown {
    return new Shown(session, tenantId, this.settings);
  }
}
