import { Injectable } from '@nestjs/common';
import { PrintableLogger } from '../common/printable-logger.js';
import { messageOf } from '../common/errors.js';
import { scriptInWords } from '../common/script-in-words.js';
import type { OrderedFailurePolicy, ScriptEntity, ScriptLimits } from '../entities/index.js';
import { type FieldKey, fieldKey } from '../filters/field-key.js';
import { type Filter, FilterIndex, type FilterInquiry, parseFilter } from '../filters/index.js';
import { ORDER_NEEDS_DURABLE, OrderingSupport } from './ordering-support.js';
import { RevisionDigest } from './revision-digest.js';

/** A script that listens, as routing and execution need it: read from memory, never from the database. */
export interface IndexedScript {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly version: number;
  readonly eventTypes: readonly string[];
  readonly limits: Readonly<ScriptLimits> | null;
  /** Names of the bindings it may call; null means none. */
  readonly bindings: readonly string[] | null;
  readonly maxConcurrency: number | null;
  readonly runsPerMinute: number | null;
  /** How its events are ordered; null: not at all. */
  readonly ordering: ScriptOrdering | null;
  /** It fails too often, and runs one at a time. */
  readonly degraded: boolean;
  /** It is disabled: events for it are kept, and it does not run. */
  readonly disabled: boolean;
}

/** The order that a script asks for. */
export interface ScriptOrdering {
  /** Reads the key of a parsed payload; `undefined` for an event that is in no order. */
  readonly keyOf: FieldKey;
  readonly onFailure: OrderedFailurePolicy;
}

/** A script that is kept out of the index, so that it cannot disturb the others. */
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
  /** Scripts that are disabled: they listen, and do not run. */
  disabled: number;
  /** Tenants of both. */
  tenants: number;
  eventTypes: number;
  /** Filters reached through one of their conditions. */
  indexed: number;
  /** Filters tried one by one. */
  scanned: number;
  /** Active scripts that do not run: their stored filter cannot be read, or the buffer does not keep their order. */
  broken: BrokenScript[];
}

/** The columns of a script that the index is made of. */
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
  broken: BrokenScript | null;
}

/**
 * All active and disabled scripts in memory: event type → tenant → filters. Routing asks it for every event, so it does no I/O and
 * never throws. {@link ScriptIndexSync} keeps it as the database is.
 */
@Injectable()
export class ScriptIndex {
  private readonly logger = new PrintableLogger(ScriptIndex.name);
  private readonly byType = new Map<string, Map<string, FilterIndex<IndexedScript>>>();
  private readonly known = new Map<string, Known>();
  /** Scripts of each tenant, without broken ones. */
  private readonly perTenant = new Map<string, number>();
  /** Sums over the revisions of all known scripts, to compare with the database's. */
  readonly digest = new RevisionDigest();

  constructor(private readonly ordering: OrderingSupport) {}

  /**
   * Begins to ask which of the tenant's active and disabled scripts that listen to the type an event concerns; undefined
   * when there are none. They are asked as they are now. `read` gives the parsed payload.
   */
  ask(eventType: string, tenantId: string, read: () => unknown): FilterInquiry<IndexedScript> | undefined {
    return this.byType.get(eventType)?.get(tenantId)?.ask(read);
  }

  /** Whether any script of the tenant listens to the type: two map reads. */
  has(eventType: string, tenantId: string): boolean {
    return this.byType.get(eventType)?.has(tenantId) ?? false;
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
   * Whether the filter of an active script says yes to a payload, asked by itself: null when it takes more steps than a
   * filter may, undefined when there is no such script here.
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

  /** Name of a script that is known, whether or not it runs: for lines of the log. */
  nameOf(scriptId: string): string | undefined {
    const known = this.known.get(scriptId);
    return (known?.script ?? known?.broken)?.name;
  }

  /** Runs of a script at the same time, if it has a limit of its own: one while it is degraded. */
  runLimitOf(scriptId: string): number | null {
    const script = this.get(scriptId);
    return script?.degraded ? 1 : (script?.maxConcurrency ?? null);
  }

  /**
   * Adds a script or replaces what was known of it. A filter that cannot be read, or an order that cannot be kept, keeps
   * it out: logged, and in {@link stats}.
   */
  put(row: ActiveScript): void {
    if (this.revisionOf(row.id) === row.revision) return;
    this.remove(row.id);
    this.digest.add(row.revision);
    const { id, tenantId, name, revision } = row;
    let filter: Filter;
    let script: IndexedScript;
    try {
      filter = parseFilter(row.filters);
      script = this.indexed(row);
    } catch (error) {
      const message = messageOf(error);
      this.logger.error(
        `Script ${scriptInWords({ scriptId: id, scriptName: name, tenantId })} does not run. ${message} Save it again.`,
      );
      this.known.set(id, { revision, script: null, filter: null, broken: { id, tenantId, name, message } });
      return;
    }
    this.known.set(id, { revision, script, filter, broken: null });
    this.perTenant.set(tenantId, (this.perTenant.get(tenantId) ?? 0) + 1);
    for (const eventType of script.eventTypes) this.filtersOf(eventType, tenantId).add(script, filter);
  }

  /** Takes a script out, if it is in. */
  remove(scriptId: string): void {
    const known = this.known.get(scriptId);
    if (!known) return;
    this.known.delete(scriptId);
    this.digest.remove(known.revision);
    if (!known.script) return;
    const { tenantId, eventTypes } = known.script;
    const left = (this.perTenant.get(tenantId) ?? 0) - 1;
    if (left > 0) this.perTenant.set(tenantId, left);
    else this.perTenant.delete(tenantId);
    for (const eventType of eventTypes) this.drop(eventType, known.script);
  }

  /** Revision of each script that is known, broken ones included. */
  revisionOf(scriptId: string): string | undefined {
    return this.known.get(scriptId)?.revision;
  }

  /** Ids of all scripts that are known. */
  ids(): IterableIterator<string> {
    return this.known.keys();
  }

  stats(): ScriptIndexStats {
    const all = [...this.known.values()];
    const scripts = all.flatMap(({ script }) => script ?? []);
    const filters = [...this.byType.values()]
      .flatMap((tenants) => [...tenants.values()])
      .map((index) => index.stats());
    return {
      scripts: scripts.filter(({ disabled }) => !disabled).length,
      disabled: scripts.filter(({ disabled }) => disabled).length,
      tenants: new Set(scripts.map((script) => script.tenantId)).size,
      eventTypes: this.byType.size,
      indexed: filters.reduce((sum, stats) => sum + stats.indexed, 0),
      scanned: filters.reduce((sum, stats) => sum + stats.scanned, 0),
      broken: all.flatMap(({ broken }) => broken ?? []),
    };
  }

  private filtersOf(eventType: string, tenantId: string): FilterIndex<IndexedScript> {
    let tenants = this.byType.get(eventType);
    if (!tenants) this.byType.set(eventType, (tenants = new Map()));
    let filters = tenants.get(tenantId);
    if (!filters) tenants.set(tenantId, (filters = new FilterIndex()));
    return filters;
  }

  /** Empty buckets go, so that tenants and types that come and go leave nothing. */
  private drop(eventType: string, script: IndexedScript): void {
    const tenants = this.byType.get(eventType);
    const filters = tenants?.get(script.tenantId);
    filters?.remove(script);
    if (filters?.size === 0) tenants?.delete(script.tenantId);
    if (tenants?.size === 0) this.byType.delete(eventType);
  }

  /** A copy that nobody can change: it is handed to code all over the package. */
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
    });
  }

  /** An order that is asked for and cannot be kept stops the script: to run it in none would be wrong, and unnoticed. */
  private orderingOf({ orderingKey, onOrderedFailure }: ActiveScript): ScriptOrdering | null {
    if (orderingKey === null) return null;
    const keyOf = fieldKey(orderingKey);
    if (!keyOf) throw new Error(`Its orderingKey ${JSON.stringify(orderingKey)} is not a field path.`);
    if (!this.ordering.available) throw new Error(ORDER_NEEDS_DURABLE);
    return Object.freeze({ keyOf, onFailure: onOrderedFailure });
  }
}
