import { Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { number, text, uuid, whole } from '../schema/kinds.js';

/** Fields that several resources have, and conditions that several lists take. */

export const ERROR_KIND =
  'Kind of the error: `timeout`, `memory`, `syntax`, `runtime`, `rejected`, `crashed` or `cancelled`.';

export const TenantId = Field('ID of the tenant.', text());
export const EventId = Field('ID of the event.', text());
export const EventType = Field('Type of the event.', text());
export const ActorId = Field('Who caused the event, if known.', text(), NULLABLE);

export const RanScript = Field('ID of the script that ran. The script may have been deleted since.', uuid());
export const RanVersion = Field('Version of the script that ran.', whole(1));
export const Attempt = Field('1 for the first execution, one more for each retry or replay.', whole(1));
export const DurationMs = Field('Milliseconds from start to end.', number());
export const ErrorKind = Field(ERROR_KIND, text(), NULLABLE);
export const ErrorMessage = Field('Message of the error.', text(), NULLABLE);
export const ErrorLine = Field('Line of the error in the source, from 1.', whole(1), NULLABLE);

export const OnlyScript = Field('Only for this script.', uuid(), OPTIONAL);
export const OnlyEvent = Field('Only for this event.', text(200, 1), OPTIONAL);
export const OnlyEventType = Field('Only for events of this type.', text(200, 1), OPTIONAL);
export const OnlyErrorKind = Field('Only with this kind of error.', text(200, 1), OPTIONAL);
