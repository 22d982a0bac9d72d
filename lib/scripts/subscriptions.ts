import { looksLikeEventPattern, matchesEventPattern, PatternTree } from '../common/event-pattern.js';
import { type Filter, FilterIndex, FilterInquiry } from '../filters/index.js';
import type { IndexedScript } from './indexed-script.js';

type Scripts = FilterIndex<IndexedScript>;

/** Scripts of a tenant that listen with the same patterns, and so to the same events. */
interface ByPatterns {
  readonly key: string;
  readonly patterns: readonly string[];
  readonly scripts: Scripts;
}

/** The patterns of a tenant. */
interface TenantPatterns {
  readonly groups: Map<string, ByPatterns>;
  readonly tree: PatternTree<ByPatterns>;
}

/**
 * Which scripts listen to what: event type → tenant → filters, and for tenants with patterns another look-up by
 * pattern. A script is stored once under its patterns, and under each of its other types that they don't match. So an
 * event finds it once.
 */
export class Subscriptions {
  private readonly byType = new Map<string, Map<string, Scripts>>();
  private readonly byPattern = new Map<string, TenantPatterns>();
  private indexedCount = 0;
  private scannedCount = 0;

  /** Filters that are found through look-ups. */
  get indexed(): number {
    return this.indexedCount;
  }

  /** Filters that are evaluated one by one. */
  get scanned(): number {
    return this.scannedCount;
  }

  /** Event types that scripts listen to by name. */
  get eventTypes(): number {
    return this.byType.size;
  }

  /** Whether any script of the tenant listens to the type. Takes a few map reads. */
  has(eventType: string, tenantId: string): boolean {
    if (this.byType.get(eventType)?.has(tenantId)) return true;
    return (this.byPattern.get(tenantId)?.tree.find(eventType).size ?? 0) > 0;
  }

  /**
   * Starts an inquiry for the tenant's scripts that listen to the type and whose filter matches; undefined if none
   * listens.
   */
  ask(eventType: string, tenantId: string, read: () => unknown): FilterInquiry<IndexedScript> | undefined {
    const exact = this.byType.get(eventType)?.get(tenantId);
    const patterns = this.byPattern.get(tenantId);
    if (!patterns) return exact?.ask(read);
    const groups = [...patterns.tree.find(eventType)].map(({ scripts }) => scripts);
    const all = exact ? [exact, ...groups] : groups;
    return all.length === 0
      ? undefined
      : new FilterInquiry(
          all.map((scripts) => scripts.asItIs()),
          read,
        );
  }

  add(script: IndexedScript, filter: Filter): void {
    const { tenantId } = script;
    const { patterns, types } = split(script.eventTypes);
    for (const type of types) {
      let tenants = this.byType.get(type);
      if (!tenants) this.byType.set(type, (tenants = new Map()));
      let scripts = tenants.get(tenantId);
      if (!scripts) tenants.set(tenantId, (scripts = new FilterIndex()));
      this.counting(scripts, () => scripts.add(script, filter));
    }
    if (patterns.length === 0) return;
    const { scripts } = this.groupOf(tenantId, patterns);
    this.counting(scripts, () => scripts.add(script, filter));
  }

  /** Empty entries are removed, so that tenants, types and patterns that come and go leave nothing behind. */
  remove(script: IndexedScript): void {
    const { tenantId } = script;
    const { patterns, types } = split(script.eventTypes);
    for (const type of types) {
      const tenants = this.byType.get(type);
      const scripts = tenants?.get(tenantId);
      if (!tenants || !scripts) continue;
      this.counting(scripts, () => scripts.remove(script));
      if (scripts.size === 0) tenants.delete(tenantId);
      if (tenants.size === 0) this.byType.delete(type);
    }
    const own = this.byPattern.get(tenantId);
    const group = own?.groups.get(keyOf(patterns));
    if (!own || !group) return;
    this.counting(group.scripts, () => group.scripts.remove(script));
    if (group.scripts.size > 0) return;
    own.groups.delete(group.key);
    for (const pattern of group.patterns) own.tree.remove(pattern, group);
    if (own.groups.size === 0) this.byPattern.delete(tenantId);
  }

  private groupOf(tenantId: string, patterns: readonly string[]): ByPatterns {
    let own = this.byPattern.get(tenantId);
    if (!own) this.byPattern.set(tenantId, (own = { groups: new Map(), tree: new PatternTree() }));
    const key = keyOf(patterns);
    let group = own.groups.get(key);
    if (!group) {
      own.groups.set(key, (group = { key, patterns, scripts: new FilterIndex() }));
      for (const pattern of patterns) own.tree.add(pattern, group);
    }
    return group;
  }

  private counting(scripts: Scripts, change: () => unknown): void {
    const { size, scanned } = scripts;
    change();
    const more = scripts.scanned - scanned;
    this.scannedCount += more;
    this.indexedCount += scripts.size - size - more;
  }
}

const keyOf = (patterns: readonly string[]): string => patterns.join(' ');

/** The patterns in order, and the names that none of them matches. */
function split(eventTypes: readonly string[]): { patterns: readonly string[]; types: readonly string[] } {
  if (!eventTypes.some(looksLikeEventPattern)) return { patterns: [], types: eventTypes };
  const patterns = eventTypes.filter(looksLikeEventPattern).toSorted();
  const types = eventTypes.filter(
    (type) => !looksLikeEventPattern(type) && !patterns.some((pattern) => matchesEventPattern(pattern, type)),
  );
  return { patterns, types };
}
