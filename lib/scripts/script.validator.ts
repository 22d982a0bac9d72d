import { Injectable } from '@nestjs/common';
import { MAX_ID } from '../common/id.js';
import { valueInWords } from '../common/printable.js';
import type { ScriptEntity, ScriptLanguage } from '../entities/index.js';
import { getterProblem, hasOwnFields } from '../options/strict-fields.js';
import { BindingNames } from './binding-names.js';
import { readEventTypes, runsForNothing } from './event-type.fields.js';
import { isVersion, MAX_NAME, kindOf, readText } from './field-values.js';
import { addFieldsProblem, refuseIssues, refuseUnknownNames, ScriptIssues } from './script-issues.js';
import {
  readBindings,
  readFilters,
  readLimits,
  readMaxConcurrency,
  readOnOrderedFailure,
  readOrderingKey,
  readRunsPerMinute,
  readSecrets,
} from './script.fields.js';
import { ScheduleReader } from './schedule-reader.js';
import { ScriptCeilings } from './script-ceilings.js';
import type { ScriptColumns, ScriptCondition, SourceText } from './script.types.js';
import { SecretNames } from './secret-names.js';
import { OrderingSupport } from './ordering-support.js';
import { SourceReader } from './source-reader.js';

const MAX_DESCRIPTION = 2_000;
/** Number of digits of a 64-bit revision. */
const MAX_REVISION = 20;

/** A new script without any given field: required fields are missing, the others have their defaults. */
const NEW_SCRIPT: Record<string, unknown> = {
  name: undefined,
  description: null,
  eventTypes: undefined,
  schedules: null,
  filters: null,
  source: undefined,
  language: 'javascript',
  limits: null,
  bindings: null,
  secrets: null,
  maxConcurrency: null,
  runsPerMinute: null,
  orderingKey: null,
  onOrderedFailure: 'block',
};

/** Fields that a draft for a test run may have. */
const DRAFT_FIELDS = [
  'source',
  'language',
  'eventTypes',
  'schedules',
  'filters',
  'bindings',
  'secrets',
  'limits',
];

/** A script or a change of one, after all checks. */
export interface CheckedScript {
  columns: ScriptColumns;
  source?: SourceText;
}

/** Checks what callers pass, of whatever type, and reports all problems of a call together. */
@Injectable()
export class ScriptValidator {
  constructor(
    private readonly sources: SourceReader,
    private readonly bindings: BindingNames,
    private readonly secrets: SecretNames,
    private readonly ordering: OrderingSupport,
    private readonly ceilings: ScriptCeilings,
    private readonly schedules: ScheduleReader,
  ) {}

  /** @throws {ScriptValidationError} or {@link ScriptSourceError} when the source alone is wrong */
  async readNew(tenantId: string, input: unknown): Promise<Required<CheckedScript> & { active: boolean }> {
    const issues = new ScriptIssues();
    const given = this.fieldsOf(input, ['active'], issues);
    const types = hasSchedules(given) ? { eventTypes: [] } : {};
    const checked = await this.readFields(tenantId, { ...NEW_SCRIPT, ...types, ...given }, issues);
    const active = given.active ?? false;
    if (typeof active !== 'boolean')
      issues.add('active', 'type', `Expected true or false, got ${kindOf(active)}.`);
    refuseIssues(issues);
    return { columns: checked.columns, source: checked.source as SourceText, active: active === true };
  }

  /**
   * The same for a change: only the given fields are checked. `spoken` returns the language of a source that is given
   * without one.
   */
  async readChange(
    tenantId: string,
    input: unknown,
    spoken: () => Promise<ScriptLanguage>,
  ): Promise<CheckedScript & { baseVersion?: number; baseRevision?: string }> {
    const issues = new ScriptIssues();
    const given = this.fieldsOf(input, ['baseVersion', 'baseRevision'], issues);
    this.refuseLanguageAlone(given, issues);
    const language = typeof given.source === 'string' ? { language: await spoken() } : {};
    // Whether the script keeps something to run for is checked when the change is made.
    const checked = await this.readFields(tenantId, { ...language, ...given }, issues, true);
    const { baseVersion, baseRevision } = given;
    if (baseRevision !== undefined) readText('baseRevision', baseRevision, MAX_REVISION, issues);
    if (baseVersion !== undefined && !isVersion(baseVersion)) {
      issues.add(
        'baseVersion',
        'range',
        `Expected the version that was edited (1 or higher), got ${valueInWords(baseVersion)}.`,
      );
    }
    refuseIssues(issues);
    return {
      ...checked,
      baseVersion: baseVersion as number | undefined,
      baseRevision: baseRevision as string | undefined,
    };
  }

  /** The same for a draft for a test run. It needs a source unless it names a saved script. */
  async readDraft(
    tenantId: string,
    input: unknown,
    spoken: () => Promise<ScriptLanguage>,
  ): Promise<CheckedScript> {
    const issues = new ScriptIssues();
    const { scriptId, ...given } = this.fieldsOf(input, ['scriptId'], issues, DRAFT_FIELDS);
    this.refuseLanguageAlone(given, issues);
    const needed = scriptId === undefined ? { source: undefined } : {};
    const language = Object.hasOwn(given, 'source') ? { language: await spoken() } : {};
    // A saved script may have schedules.
    const withoutTypes = scriptId !== undefined || hasSchedules(given);
    const all = { ...needed, ...language, ...given };
    const checked = await this.readFields(tenantId, all, issues, withoutTypes);
    refuseIssues(issues);
    return checked;
  }

  /** The saved script that a draft names, if any. */
  scriptIdOf(draft: unknown): string | undefined {
    // An unreadable value is treated as a draft.
    if (!hasOwnFields(draft) || getterProblem(draft, ['scriptId']) || draft.scriptId === undefined)
      return undefined;
    const issues = new ScriptIssues();
    const id = readText('scriptId', draft.scriptId, MAX_NAME, issues);
    refuseIssues(issues);
    return id;
  }

  /** Refuses a missing tenant id, which must never mean "any tenant". */
  checkTenant(tenantId: unknown): void {
    const issues = new ScriptIssues();
    readText('tenantId', tenantId, MAX_ID, issues);
    refuseIssues(issues);
  }

  /** Who makes the change, or null. */
  readActor(by: unknown): string | null {
    const issues = new ScriptIssues();
    const actor = by === undefined || by === null ? null : readText('by', by, MAX_ID, issues);
    refuseIssues(issues);
    return actor ?? null;
  }

  readReason(reason: unknown): string | null {
    const issues = new ScriptIssues();
    const text =
      reason === undefined || reason === null ? null : readText('reason', reason, MAX_DESCRIPTION, issues);
    refuseIssues(issues);
    return text ?? null;
  }

  readNeededReason(reason: unknown): string {
    const issues = new ScriptIssues();
    const text = readText('reason', reason, MAX_DESCRIPTION, issues);
    refuseIssues(issues);
    return text as string;
  }

  /** The revision that the caller requires, if any. */
  readCondition(condition: unknown): string | undefined {
    const issues = new ScriptIssues();
    addFieldsProblem('condition', condition, ['baseRevision'], issues);
    refuseIssues(issues);
    const { baseRevision } = condition as ScriptCondition;
    if (baseRevision !== undefined) readText('baseRevision', baseRevision, MAX_REVISION, issues);
    refuseIssues(issues);
    return baseRevision;
  }

  /** A change may have removed the script's last event type or schedule. @throws {ScriptValidationError} */
  checkRunsForSomething({ eventTypes, schedules }: Pick<ScriptEntity, 'eventTypes' | 'schedules'>): void {
    const issues = new ScriptIssues();
    if (eventTypes.length === 0 && schedules === null) runsForNothing(issues);
    refuseIssues(issues);
  }

  /** Refuses options that are not a plain object or have unknown names, which would have no effect. */
  checkOptions(options: unknown, known: readonly string[]): void {
    const issues = new ScriptIssues();
    addFieldsProblem('options', options, known, issues);
    refuseIssues(issues);
  }

  private refuseLanguageAlone(given: Record<string, unknown>, issues: ScriptIssues): void {
    if (Object.hasOwn(given, 'language') && !Object.hasOwn(given, 'source'))
      issues.add('source', 'required', 'Required together with language.');
  }

  /** The fields that were given. Unknown names are refused, because they would silently have no effect. */
  private fieldsOf(
    input: unknown,
    extra: string[],
    issues: ScriptIssues,
    fields = Object.keys(NEW_SCRIPT),
  ): Record<string, unknown> {
    const known = [...fields, ...extra];
    if (!hasOwnFields(input))
      issues.add('script', 'type', `Expected an object with the script's fields, got ${kindOf(input)}.`);
    else {
      const getter = getterProblem(input, known);
      if (getter) issues.add(getter.field, 'type', `${getter.message}.`);
    }
    refuseIssues(issues);
    const record = input as Record<string, unknown>;
    refuseUnknownNames(record, known, '', 'field', issues);
    const given = known.filter((name) => Object.hasOwn(record, name) && record[name] !== undefined);
    return Object.fromEntries(given.map((name) => [name, record[name]]));
  }

  private async readFields(
    tenantId: string,
    given: Record<string, unknown>,
    issues: ScriptIssues,
    withoutTypes = hasSchedules(given),
  ): Promise<CheckedScript> {
    const columns: ScriptColumns = {};
    const read = <Name extends keyof ScriptColumns>(
      name: Name,
      reader: (value: unknown) => ScriptColumns[Name] | undefined,
    ): void => {
      if (Object.hasOwn(given, name)) columns[name] = reader(given[name]);
    };
    read('name', (value) => readText('name', value, MAX_NAME, issues));
    read('description', (value) =>
      value === null ? null : readText('description', value, MAX_DESCRIPTION, issues),
    );
    read('eventTypes', (value) => readEventTypes(value, withoutTypes, issues));
    read('schedules', (value) => this.schedules.read(value, issues));
    read('filters', (value) => readFilters(value, issues));
    read('limits', (value) => readLimits(value, this.ceilings, issues));
    read('bindings', (value) => readBindings(value, this.bindings, issues));
    if (Object.hasOwn(given, 'secrets'))
      columns.secrets = await readSecrets(given.secrets, tenantId, this.secrets, issues);
    read('maxConcurrency', (value) => readMaxConcurrency(value, issues));
    read('runsPerMinute', (value) => readRunsPerMinute(value, issues));
    read('orderingKey', (value) => readOrderingKey(value, this.ordering, issues));
    read('onOrderedFailure', (value) => readOnOrderedFailure(value, issues));
    return Object.hasOwn(given, 'source')
      ? { columns, source: await this.sources.read(tenantId, given, issues) }
      : { columns };
  }
}

/** Whether the script has schedules, so that it needs no event types. An empty list means no schedules. */
const hasSchedules = ({ schedules }: Record<string, unknown>): boolean =>
  schedules !== undefined && schedules !== null && !(Array.isArray(schedules) && schedules.length === 0);
