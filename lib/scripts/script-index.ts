import { Injectable } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { messageOf } from '../common/errors.js';
import { lineAbout } from '../common/log-line.js';
import type { ScriptEntity } from '../entities/index.js';
import { fieldKey } from '../filters/field-key.js';
import { type Filter, FilterIndex, type FilterInquiry, parseFilter } from '../filters/index.js';
import { ORDER_NEEDS_DURABLE, OrderingSupport } from './ordering-support.js';
import { RevisionDigests } from './script-digests.js';
import type { IndexedScript, ScriptOrdering } from './indexed-script.js';
import { Subscriptions } from './subscriptions.js';

export type { IndexedScript };

/** A script that is kept out of the index so that it can't disturb the others. */
interface BrokenScript {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly message: string;
}

/** What the index holds. */
export interface ScriptIndexStats {
  /** Scripts that run. */
  scripts: number;
  /** Disabled scripts, which listen and don't run. */
  disabled: number;
  /** Tenants that have scripts of either kind. */
  tenants: number;
  /** Event types that are listened to by name. */
  eventTypes: number;
  /** Filters found through one of their conditions. */
  indexed: number;
  /** Filters evaluated one by one. */
  scanned: number;
  /**
   * Active scripts that don't run, because their stored filter can't be read or the buffer doesn't keep their order.
   */
  broken: BrokenScript[];
}

/** The columns of a script that the index needs. */
export type ActiveScript = Pick<
  ScriptEntity,
  | 'id'
  | 'tenantId'
  | 'name'
  | 'version'
  | 'eventTypes'
  | 'filters'
  | 'limits'
  | 'bindings'
  | 'maxConcurrency'
  | 'runsPerMinute'
  | 'orderingKey'
  | 'onOrderedFailure'
  | 'revision'
> & {
  /** Left out: none. */
  secrets?: readonly string[] | null;
  /** Left out: active. */
  status?: 'active' | 'disabled';
  /** Left out: false. */
  degraded?: boolean;
};

interface Known {
  revision: string;
  /** Null for a broken script. */
  script: IndexedScript | null;
  filter: Filter | null;
}

/**
 * All active and disabled scripts, in memory. Routing uses it for every event, so it does no I/O and never throws.
 * {@link ScriptIndexSync} keeps it in step with the database.
 */
@Injectable()
export class ScriptIndex {
  private readonly logger = new PrintableLogger(ScriptIndex.name);
  private readonly subscriptions = new Subscriptions();
  private readonly known = new Map<string, Known>();
  /** Scripts of each tenant, without broken ones. */
  private readonly perTenant = new Map<string, number>();
  private readonly broken = new Map<string, BrokenScript>();
  private disabledCount = 0;
  private scriptCount = 0;
  /** Digests of the revisions of all known scripts, to compare with the database's. */
  readonly digests = new RevisionDigests();

  constructor(private readonly ordering: OrderingSupport) {}

  /**
   * Starts an inquiry for the tenant's active and disabled scripts that listen to the type and whose filter matches;
   * undefined if none listens. The filters are evaluated as they are now. `read` returns the parsed payload.
   */
  ask(eventType: string, tenantId: string, read: () => unknown): FilterInquiry<IndexedScript> | undefined {
    return this.subscriptions.ask(eventType, tenantId, read);
  }

  /** Whether any script of the tenant listens to the type. Takes a few map reads. */
  has(eventType: string, tenantId: string): boolean {
    return this.subscriptions.has(eventType, tenantId);
  }

  /** Whether scripts may have an ordering key. */
  get keepsOrder(): boolean {
    return this.ordering.available;
  }

  /** Whether scripts of more than one tenant listen. */
  get hasSeveralTenants(): boolean {
    return this.perTenant.size > 1;
  }

  /** An active script by its id. */
  get(scriptId: string): IndexedScript | undefined {
    const script = this.known.get(scriptId)?.script;
    return script && !script.disabled ? script : undefined;
  }

  /**
   * Whether the filter of an active script matches a payload: null if it takes more steps than a filter may, undefined
   * if the index has no such script.
   */
  decide(scriptId: string, payload: unknown): boolean | null | undefined {
    const filter = this.get(scriptId) && this.known.get(scriptId)?.filter;
    if (!filter) return undefined;
    const alone = new FilterIndex<string>();
    alone.add(scriptId, filter);
    const inquiry = alone.ask(() => payload);
    inquiry.advance();
    return inquiry.undecided.length > 0 ? null : inquiry.matched.length > 0;
  }

  /** Name of a known script, whether or not it runs, for log lines. */
  nameOf(scriptId: string): string | undefined {
    return (this.known.get(scriptId)?.script ?? this.broken.get(scriptId))?.name;
  }

  /**
   * How many runs of a script there may be at the same time: 1 while it is degraded, otherwise its own limit, or null.
   */
  runLimitOf(scriptId: string): number | null {
    const script = this.get(scriptId);
    return script?.degraded ? 1 : (script?.maxConcurrency ?? null);
  }

  /**
   * Adds or replaces a script. If its filter can't be read or its order can't be kept, it stays out; that is logged,
   * and shown in {@link stats}.
   */
  put(row: ActiveScript): void {
    const { id, tenantId, name, revision } = row;
    const before = this.known.get(id);
    if (before?.revision === revision) return;
    if (before) this.remove(id);
    this.digests.add(id, revision);
    let filter: Filter;
    let script: IndexedScript;
    try {
      filter = parseFilter(row.filters);
      script = this.indexed(row);
    } catch (error) {
      const message = messageOf(error);
      this.logger.error(
        lineAbout(
          { tenantId, scriptId: id, scriptName: name },
          (ids) => `Script ${ids.script}${ids.ofTenant} does not run. ${message} Save it again.`,
        ),
      );
      this.known.set(id, { revision, script: null, filter: null });
      this.broken.set(id, { id, tenantId, name, message });
      return;
    }
    this.known.set(id, { revision, script, filter });
    this.count(script, 1);
    this.subscriptions.add(script, filter);
  }

  /** Removes a script, if it is there. */
  remove(scriptId: string): void {
    const known = this.known.get(scriptId);
    if (!known) return;
    this.known.delete(scriptId);
    this.digests.remove(scriptId, known.revision);
    this.broken.delete(scriptId);
    if (!known.script) return;
    this.count(known.script, -1);
    this.subscriptions.remove(known.script);
  }

  /** The revision of a known script, broken ones included. */
  revisionOf(scriptId: string): string | undefined {
    return this.known.get(scriptId)?.revision;
  }

  /** The ids of all known scripts. */
  ids(): IterableIterator<string> {
    return this.known.keys();
  }

  /** Computed from counters: the cost doesn't grow with the number of scripts. */
  stats(): ScriptIndexStats {
    const { indexed, scanned, eventTypes } = this.subscriptions;
    return {
      scripts: this.scriptCount - this.disabledCount,
      disabled: this.disabledCount,
      tenants: this.perTenant.size,
      eventTypes,
      indexed,
      scanned,
      broken: [...this.broken.values()],
    };
  }

  private count({ tenantId, disabled }: IndexedScript, change: 1 | -1): void {
    this.scriptCount += change;
    if (disabled) this.disabledCount += change;
    const left = (this.perTenant.get(tenantId) ?? 0) + change;
    if (left > 0) this.perTenant.set(tenantId, left);
    else this.perTenant.delete(tenantId);
  }

  /** An immutable copy, because many parts of the package share it. */
  private indexed(row: ActiveScript): IndexedScript {
    const { id, tenantId, name, version, maxConcurrency, runsPerMinute } = row;
    return Object.freeze({
      id,
      tenantId,
      name,
      version,
      maxConcurrency,
      runsPerMinute,
      degraded: row.degraded ?? false,
      disabled: row.status === 'disabled',
      ordering: this.orderingOf(row),
      eventTypes: Object.freeze([...new Set(row.eventTypes)]),
      limits: row.limits && Object.freeze({ ...row.limits }),
      bindings: row.bindings && Object.freeze([...row.bindings]),
      secrets: row.secrets?.length ? Object.freeze([...row.secrets]) : null,
    });
  }

  /**
   * A script whose order can't be kept doesn't run: running it without order would be wrong, and nobody would notice.
   */
  private orderingOf({ orderingKey, onOrderedFailure }: ActiveScript): ScriptOrdering | null {
    if (orderingKey === null) return null;
    const keyOf = fieldKey(orderingKey);
    if (!keyOf) throw new Error(`Its orderingKey ${JSON.stringify(orderingKey)} is not a field path.`);
    if (!this.ordering.available) throw new Error(ORDER_NEEDS_DURABLE);
    return Object.freeze({ keyOf, onFailure: onOrderedFailure });
  }
}
