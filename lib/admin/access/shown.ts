import type { JsonValue } from '../../common/json.js';
import type { AdminDataKind, ResolvedAdminSettings } from '../admin.options.js';
import type { Session } from './session.js';

/**
 * What a session may see of scripts' data: nothing without the permission `data`, otherwise what `redact` leaves of it.
 */
export class Shown {
  constructor(
    private readonly session: Session,
    private readonly tenantId: string,
    private readonly settings: ResolvedAdminSettings,
  ) {}

  /**
   * A payload, a result, logs or a value of a store, after `redact`. Without the permission `data` it is undefined, and
   * so left out of the response.
   */
  data(kind: Exclude<AdminDataKind, 'error'>, value: unknown): JsonValue | undefined {
    if (!this.session.may('data')) return undefined;
    return value === null ? null : this.settings.redact(this.tenantId, kind, value as JsonValue);
  }

  /** The text of an error, after `redact`. Needs no permission beyond that to see the script. */
  error<Text extends string | null>(text: Text): Text | string {
    if (text === null) return text;
    const shown = this.settings.redact(this.tenantId, 'error', text);
    return typeof shown === 'string' ? shown : JSON.stringify(shown);
  }
}
