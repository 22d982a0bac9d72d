import { MAX_ID } from './id.js';
import { printable, printableValue, quoted } from './printable.js';
import { scriptInWords } from './script-in-words.js';

/**
 * The ids that a log line concerns. A field that is left out, null or undefined is unknown or doesn't matter for the
 * line.
 */
export interface LogSubject {
  tenantId?: string | null | undefined;
  scriptId?: string | null | undefined;
  /** Shown in the text only. */
  scriptName?: string | null | undefined;
  scriptVersion?: number | null | undefined;
  executionId?: string | null | undefined;
  eventId?: string | null | undefined;
  deadLetterId?: string | null | undefined;
}

type FieldOf = Exclude<keyof LogSubject, 'scriptName'>;

/** The name of each field in a structured line. Span attributes have the same names. */
const LOG_FIELDS: Readonly<Record<FieldOf, string>> = {
  tenantId: 'scripts_event.tenant.id',
  scriptId: 'scripts_event.script.id',
  scriptVersion: 'scripts_event.script.version',
  executionId: 'scripts_event.execution.id',
  eventId: 'messaging.message.id',
  deadLetterId: 'scripts_event.dead_letter.id',
};

/** The field of a structured line for facts that are not in its text. */
const LOG_DETAILS = 'scripts_event.details';

/**
 * Ids as parts of a sentence. If the line has them as fields, they are empty here, and a script appears by name only.
 */
export interface LineWords {
  /** `"Welcome" (0198c0de-…)`, or the id alone if the name isn't known. */
  readonly script: string;
  /** ` of tenant acme`, or nothing. */
  readonly ofTenant: string;
  /** ` 0198c0df-…`, or nothing. Follows the word for the event. */
  readonly event: string;
  /** ` 0198c0e0-…`, or nothing. Follows the word for the dead letter. */
  readonly deadLetter: string;
}

/**
 * A line that concerns one execution, event, dead letter, script or tenant. Its ids are fields if the host's logger
 * takes fields. Otherwise they are in the text; ids that the sentence leaves out follow it in brackets. Holds only
 * text and numbers, because a throttled line is kept for a minute.
 */
export interface SubjectLine {
  /** The sentence with ids, and the sentence for lines that have ids as fields. */
  readonly withIds: string;
  readonly besideFields: string;
  /** The ids that the sentence leaves out. */
  readonly unsaid: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type Line = string | SubjectLine;

/** Longer than any single text of a tenant, so that the rest of the line stays visible. */
const LONGEST_LINE = 8_000;

/**
 * @param text makes the sentence; called once with ids and once without
 * @param details further facts, but no values of a payload. They become a field of their own, or JSON after the text
 */
export function lineAbout(
  about: LogSubject,
  text: (ids: LineWords) => string,
  details?: object,
): SubjectLine {
  const words = new WordsWithIds(about);
  const withIds = text(words);
  const fields: Record<string, unknown> = {};
  for (const [of, name] of Object.entries(LOG_FIELDS) as [FieldOf, string][])
    if (about[of] != null) fields[name] = printableValue(about[of]);
  if (details) fields[LOG_DETAILS] = printableValue(details);
  return { withIds, besideFields: text(wordsBesideFields(about)), unsaid: words.unsaid(), fields };
}

/** The same line with a further part of its sentence. */
export const extended = (line: Line, more: string): Line =>
  typeof line === 'string'
    ? `${line}${more}`
    : { ...line, withIds: `${line.withIds}${more}`, besideFields: `${line.besideFields}${more}` };

/** The line as one printable text with its ids and details. */
export function lineAsText(line: Line): string {
  if (typeof line === 'string') return printable(line, LONGEST_LINE);
  const details = line.fields[LOG_DETAILS];
  const shown = details === undefined ? '' : ` ${printable(JSON.stringify(details), LONGEST_LINE)}`;
  return `${printable(line.withIds, LONGEST_LINE)}${line.unsaid}${shown}`;
}

/** The line as a printable text without ids, and its fields. */
export const lineWithFields = (line: Line): { text: string; fields: Readonly<Record<string, unknown>> } =>
  typeof line === 'string'
    ? { text: printable(line, LONGEST_LINE), fields: {} }
    : { text: printable(line.besideFields, LONGEST_LINE), fields: line.fields };

const wordsBesideFields = ({ scriptId, scriptName }: LogSubject): LineWords => ({
  script: scriptName == null ? shownId(scriptId) : quoted(scriptName),
  ofTenant: '',
  event: '',
  deadLetter: '',
});

/** The ids of a subject, in the order in which {@link WordsWithIds.unsaid} lists them. */
export const SUBJECT_IDS = ['tenantId', 'scriptId', 'executionId', 'eventId', 'deadLetterId'] as const;

const NAMES: Readonly<Record<(typeof SUBJECT_IDS)[number], string>> = {
  tenantId: 'tenant',
  scriptId: 'script',
  executionId: 'execution',
  eventId: 'event',
  deadLetterId: 'dead letter',
};

/** Remembers which ids a sentence has used. */
class WordsWithIds implements LineWords {
  private readonly said = new Set<(typeof SUBJECT_IDS)[number]>();

  constructor(private readonly about: LogSubject) {}

  get script(): string {
    this.said.add('scriptId');
    const { scriptId, scriptName } = this.about;
    return scriptInWords({ scriptId: scriptId ?? '', scriptName });
  }

  get ofTenant(): string {
    const { tenantId } = this.about;
    this.said.add('tenantId');
    return tenantId == null ? '' : ` of tenant ${shownId(tenantId)}`;
  }

  get event(): string {
    return this.idOf('eventId');
  }

  get deadLetter(): string {
    return this.idOf('deadLetterId');
  }

  unsaid(): string {
    const left = SUBJECT_IDS.filter((id) => this.about[id] != null && !this.said.has(id));
    if (left.length === 0) return '';
    return ` [${left.map((id) => `${NAMES[id]} ${id === 'scriptId' ? this.script : shownId(this.about[id])}`).join(', ')}]`;
  }

  private idOf(id: (typeof SUBJECT_IDS)[number]): string {
    this.said.add(id);
    return this.about[id] == null ? '' : ` ${shownId(this.about[id])}`;
  }
}

const shownId = (id: string | null | undefined): string => printable(id ?? '', MAX_ID);
