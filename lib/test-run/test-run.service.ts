import { Injectable } from '@nestjs/common';
import { listensTo } from '../common/event-pattern.js';
import { SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import type { JsonObject } from '../common/json.js';
import type { ScriptEntity, ScriptSchedule } from '../entities/index.js';
import { explainFilter, parseFilter } from '../filters/index.js';
import { BindingNames } from '../scripts/binding-names.js';
import { scriptWarnings } from '../scripts/filter-warnings.js';
import { KnownEventTypes } from '../scripts/known-event-types.js';
import { ScriptNotFoundError, ScriptVersionNotFoundError } from '../scripts/script.errors.js';
import { ScriptRepository } from '../scripts/script.repository.js';
import { type CheckedScript, ScriptValidator } from '../scripts/script.validator.js';
import { SourceWarnings } from '../scripts/source-warnings.js';
import { readTestOptions, checkTestEvent } from './test-run.checks.js';
import { TestEvents } from './test-run.events.js';
import type { TestSubject } from './test-run.request.js';
import { TestRunner } from './test-run.runner.js';
import type {
  FilterVerdict,
  ScriptDraft,
  TestEvent,
  TestRunOptions,
  TestRunResult,
  TestRunRouting,
} from './test-run.types.js';

/** `ctx.script` of a source without a saved script. */
const UNSAVED = { id: 'draft', name: 'draft' };
/** `ctx.script.version` of a source that is not saved. Saved versions begin with 1. */
const UNSAVED_VERSION = 0;

/** The fields that decide whether an event runs the script. */
interface Listening {
  status?: ScriptEntity['status'];
  eventTypes?: readonly string[];
  schedules?: readonly ScriptSchedule[] | null;
  filters: JsonObject | null;
}

/**
 * Tries scripts, saved or not, with a made-up or a past event.
 *
 * @publicApi
 */
@Injectable()
export class TestRunService {
  /** @internal */
  constructor(
    private readonly repository: ScriptRepository,
    private readonly validator: ScriptValidator,
    private readonly events: TestEvents,
    private readonly runner: TestRunner,
    private readonly bindings: BindingNames,
    private readonly known: KnownEventTypes,
    private readonly sources: SourceWarnings,
  ) {}

  /**
   * Runs a script to see what it does: its logs, its result or its error with the line, and the events that it would
   * have published. The script may be saved or not, and have any status. It runs even if its filter doesn't match;
   * `routing` says so.
   *
   * A saved source leaves a record with the trigger `test`; an unsaved one leaves nothing. There is no event, no dead
   * letter, no emitter event, and no count in the metrics. Bindings are refused, answered by stand-ins or called, as
   * the options say. `ctx.execution.idempotencyKey` never equals that of a real run.
   *
   * It runs immediately, beside the runs of the buffer, and waits only for a sandbox process. If many people can call
   * it, limit how often.
   *
   * A made-up event of type `schedule` is one of the script's first schedule: what `input` leaves out of
   * `scheduledFor`, `previousRunAt` and `payload` is as for a first run now.
   *
   * @param script the id of a saved script, or a draft
   * @param testEvent `{ type, input }`, `{ deadLetterId }` or `{ executionId }`
   * @throws {ScriptNotFoundError} for an unknown id, or one of another tenant
   * @throws {ScriptValidationError} for an invalid draft, event or option; {@link ScriptSourceError} if only the source
   * is wrong
   * @throws {DeadLetterNotFoundError} or {@link ExecutionNotFoundError} if the past event doesn't exist
   * @throws {ExecutionInputNotKeptError} if `storage.keepInput` was off when the execution ran
   * @throws {EventRefusedError} if the input can't be a payload: too large, cyclic
   */
  async run(
    tenantId: string,
    script: string | ScriptDraft,
    testEvent: TestEvent,
    options: TestRunOptions = {},
  ): Promise<TestRunResult> {
    this.validator.checkTenant(tenantId);
    checkTestEvent(testEvent);
    const { by, bindings, useSecrets } = readTestOptions(options, this.validator, this.bindings);
    const given = typeof script === 'string' ? { scriptId: script } : script;
    const stored = await this.find(tenantId, given);
    const draft = await this.validator.readDraft(tenantId, given, () => this.languageOf(stored));
    const listening = { ...stored, filters: stored?.filters ?? null, ...draft.columns };
    const scheduled = listening.schedules?.[0]?.payload ?? null;
    const event = await this.events.resolve(tenantId, testEvent, by, scheduled);
    const subject = await this.subject(stored, draft);
    const recorded = stored !== null && draft.source === undefined;
    const { executionId, end, ...ran } = await this.runner.run({
      tenantId,
      script: subject,
      event,
      bindings,
      useSecrets,
      recorded,
      signal: options.signal,
    });
    const { id, type, payload, ignoredFields } = event;
    const input = JSON.parse(payload) as JsonObject;
    const routing = routingOf(listening, type, input, this.known);
    const ofSource = await this.sources.of({ ...subject, tenantId }, () => subject.source);
    return {
      executionId,
      version: subject.version,
      event: { id, type, input, ignoredFields },
      routing: { ...routing, warnings: [...routing.warnings, ...ofSource] },
      ...ran,
      ...end,
    };
  }

  /**
   * Says whether a filter, saved or not, matches an event, and why. `filter.matched` is the answer that routing would
   * find.
   *
   * @param filters as a script has them; null lets every event through
   * @param testEvent as of {@link run}
   * @throws {FilterError} for a filter that could not be saved, and the errors of {@link run} for the event
   */
  async explain(tenantId: string, filters: JsonObject | null, testEvent: TestEvent): Promise<FilterVerdict> {
    this.validator.checkTenant(tenantId);
    checkTestEvent(testEvent);
    const filter = parseFilter(filters);
    const { id, type, payload, ignoredFields } = await this.events.resolve(tenantId, testEvent, null);
    const input = JSON.parse(payload) as JsonObject;
    return { event: { id, type, input, ignoredFields }, filter: explainFilter(filter, input) };
  }

  private async find(tenantId: string, draft: unknown): Promise<ScriptEntity | null> {
    const scriptId = this.validator.scriptIdOf(draft);
    if (scriptId === undefined) return null;
    const stored = await this.repository.find(tenantId, scriptId);
    if (!stored) throw new ScriptNotFoundError(scriptId);
    return stored;
  }

  private async languageOf(stored: ScriptEntity | null): Promise<'javascript' | 'typescript'> {
    const version = stored && (await this.repository.findVersion(stored.tenantId, stored.id, stored.version));
    return version?.language ?? 'javascript';
  }

  private async subject(
    stored: ScriptEntity | null,
    { columns, source }: CheckedScript,
  ): Promise<TestSubject> {
    const { id, name } = stored ?? UNSAVED;
    const { limits = stored?.limits ?? null, bindings = stored?.bindings ?? null } = columns;
    const { secrets = stored?.secrets ?? null } = columns;
    const version = source || !stored ? UNSAVED_VERSION : stored.version;
    const text = source ? (source.compiled ?? source.source) : await this.repository.sourceOf(id, version);
    if (text === null) throw new ScriptVersionNotFoundError(id, version);
    return { id, name, version, source: text, limits, bindings, secrets };
  }
}

function routingOf(
  { status, eventTypes, schedules, filters: ofEvents }: Listening,
  type: string,
  input: JsonObject,
  known: KnownEventTypes,
): TestRunRouting {
  const scheduled = type === SCHEDULE_EVENT_TYPE;
  // A filter applies to events of the script's types, not to its schedules.
  const parsed = parseFilter(scheduled ? null : ofEvents);
  const filter = explainFilter(parsed, input);
  const reasons: string[] = [];
  if (status !== undefined && status !== 'active')
    reasons.push(`The script is ${status}, and only active scripts run.`);
  if (scheduled && !schedules?.length) reasons.push('The script has no schedules.');
  if (!scheduled && eventTypes && !listensTo(eventTypes, type))
    reasons.push(`The script does not listen to ${type}: its event types are ${eventTypes.join(', ')}.`);
  if (!filter.matched) reasons.push(filter.summary);
  // The warnings that saving the script would give.
  const warnings = scriptWarnings({ eventTypes: [...(eventTypes ?? [type])], filters: ofEvents }, known);
  return { wouldRun: reasons.length === 0, reasons, warnings, filter };
}
