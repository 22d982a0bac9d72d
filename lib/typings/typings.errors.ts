import { valueInWords } from '../common/printable.js';
import { ScriptsEventError } from '../common/errors.js';
import { type FieldIssue, fieldIssue } from '../common/invalid-query.error.js';
import { EVENT_TYPE_RULE } from '../common/event-type-name.js';

/** The name of an event type is invalid. @publicApi */
export class EventTypeNameError extends ScriptsEventError {
  readonly code = 'invalid-event-type';
  override readonly category = 'invalid';
  /** The problem and its field, in the form that all errors about fields have. Always exactly one. */
  readonly issues: readonly [FieldIssue];

  constructor(readonly eventType: unknown) {
    super(`eventTypes: ${valueInWords(eventType)} is not a valid event type. Use ${EVENT_TYPE_RULE}.`);
    this.issues = [fieldIssue('eventTypes', 'format', this.message)];
  }
}
