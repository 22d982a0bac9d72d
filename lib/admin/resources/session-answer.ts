import { Inject, Injectable } from '@nestjs/common';
import { EventBuffer } from '../../buffer/event-buffer.js';
import { VERSION } from '../../common/version.js';
import { RESOLVED_OPTIONS } from '../../options/options.tokens.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import type { Session } from '../access/session.js';
import { ADMIN_PERMISSIONS } from '../admin.options.js';

/** Makes the response of `GET session`, which the page's document contains, too. */
@Injectable()
export class SessionAnswer {
  constructor(
    private readonly buffer: EventBuffer,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  to(session: Session): object {
    const { actor, tenants, onlyTenant } = session;
    return {
      actor,
      allTenants: tenants === 'all',
      tenants: tenants === 'all' ? null : tenants,
      onlyTenant,
      permissions: ADMIN_PERMISSIONS.filter((permission) => session.may(permission)),
      application: this.features(),
    };
  }

  private features(): object {
    const { sandbox, storage, retry, secrets } = this.options;
    return {
      version: VERSION,
      keepsInput: storage.keepInput,
      keepsOrder: this.buffer.keepsOrder,
      keepsSecrets: secrets.keys.length > 0 || secrets.cipher !== undefined,
      maxSourceBytes: sandbox.maxSourceBytes,
      timeoutMs: sandbox.timeoutMs,
      maxTimeoutMs: sandbox.maxTimeoutMs ?? null,
      memoryMb: sandbox.memoryMb,
      maxMemoryMb: sandbox.maxMemoryMb,
      maxRetries: retry.maxRetries,
    };
  }
}
