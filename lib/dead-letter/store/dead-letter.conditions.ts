import type { DeadLetterStatus } from '../../entities/index.js';
import { ALIKE } from '../../execution/alike.js';
import type { DeadLetterFilter } from '../dead-letter.types.js';

const EQUAL = {
  reason: 'reason',
  errorKind: 'error_kind',
  eventType: 'event_type',
  eventId: 'event_id',
} as const satisfies Partial<Record<keyof DeadLetterFilter, string>>;

/** What the dead letters of a group of failures have in common; undefined if its execution is unknown. */
export type Failure = Readonly<Record<(typeof ALIKE)[number], unknown>> | undefined;

/** Conditions over `d` with their parameters. Values from the caller become parameters, never SQL. */
export class DeadLetterConditions {
  readonly parameters: unknown[] = [];
  private readonly all: string[];

  constructor(tenantId: string) {
    this.all = [`d.tenant_id = ${this.parameter(tenantId)}`];
  }

  /** Adds a parameter and returns its place, `$2`. */
  parameter(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }

  and(condition: string): this {
    this.all.push(condition);
    return this;
  }

  filter(filter: DeadLetterFilter): this {
    for (const [field, column] of Object.entries(EQUAL)) {
      const value = filter[field as keyof typeof EQUAL];
      if (value !== undefined) this.and(`d.${column} = ${this.parameter(value)}`);
    }
    if (filter.scriptId !== undefined) this.and(concerns(this.parameter(filter.scriptId)));
    if (filter.status !== undefined) this.statusIn(statusesOf(filter.status));
    if (filter.from) this.and(`d.created_at >= ${this.parameter(filter.from)}`);
    if (filter.to) this.and(`d.created_at < ${this.parameter(filter.to)}`);
    return this;
  }

  /** Adds the condition that the dead letter failed like `failure`. */
  failedLike(failure: Failure): this {
    if (!failure) return this.and('false');
    // Not "is not distinct from", which no index serves.
    for (const column of ALIKE) {
      const value = failure[column];
      this.and(`d.${column} ${value === null ? 'IS NULL' : `= ${this.parameter(value)}`}`);
    }
    return this;
  }

  statusIn(statuses: readonly DeadLetterStatus[]): this {
    return this.and(`d.status = ANY (${this.parameter(statuses)}::text[])`);
  }

  get sql(): string {
    return this.all.join(' AND ');
  }
}

const concerns = (scriptId: string): string =>
  `(d.script_id = ${scriptId}::uuid OR d.other_script_ids @> ARRAY[${scriptId}::uuid])`;

/** One status or several, as a list. */
const statusesOf = (status: DeadLetterStatus | readonly DeadLetterStatus[]): readonly DeadLetterStatus[] =>
  typeof status === 'string' ? [status] : status;
