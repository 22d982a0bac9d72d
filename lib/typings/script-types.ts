import { types as kinds } from 'node:util';
import type { BindingDefinition } from '../bindings/binding-definition.js';
import { isEventPattern, matchesEventPattern } from '../common/event-pattern.js';
import { isEventTypeName, SCHEDULE_EVENT_TYPE } from '../common/event-type-name.js';
import { EventRegistry } from '../events/event-registry.js';
import { SCHEDULE_FIELDS } from '../events/schedule-input.js';
import { AMBIENT } from './ambient.text.js';
import { ClassTypes } from './class-types.js';
import { docComment, propertyName } from './declaration.text.js';
import { TYPED_FIELDS, type TypedField } from './payload-fields.js';
import { EventTypeNameError } from './typings.errors.js';

/** An event type with its payload's fields; `null` if they are unknown. @publicApi */
export interface DescribedEvent {
  readonly type: string;
  readonly fields: readonly string[] | null;
}

/** The parts of a binding that script authors see. @publicApi */
export type DescribedBinding = Pick<BindingDefinition, 'name'> &
  Partial<Pick<BindingDefinition, 'description' | 'input' | 'result'>>;

/** @publicApi */
export interface ScriptTypesRequest {
  /** Event types of the application. Default: the catalogue. */
  events?: readonly DescribedEvent[];
  /** Default: none. */
  bindings?: readonly DescribedBinding[];
  /**
   * Limits `ctx` to these types. A type that is not among `events` is one that scripts publish, with any payload; a
   * pattern such as `client.*` stands for all of `events` that it matches. Default: `ctx` may have every type.
   */
  eventTypes?: readonly string[];
  /** Names of the secrets that the script may use. Default: any name, for use without a tenant. */
  secrets?: readonly string[];
  /** Names of the tenant's variables. Default: any name. */
  variables?: readonly string[];
}

/** The event that schedules make. */
const SCHEDULE: DescribedEvent = { type: SCHEDULE_EVENT_TYPE, fields: SCHEDULE_FIELDS };

const HEADER = `// Types for script authors, made by nestjs-scripts-event: what a script finds in scope.
// To declare the events that scripts publish, in a file of your own:
//   interface ScriptEvents { 'order.checked': { orderId: number } }
`;

/**
 * Generates the types of everything in a script's scope, as the text of one `.d.ts` of global declarations: `ctx` by
 * event type, `sdk`, `events`, `console`, `secrets`, `vars`, the errors, and every binding.
 *
 * Payloads of the catalogue and of schedules have types. For other events only the names of the fields are known; their
 * values are `any`. A binding's input and result come from its classes: fields with class-validator decorators, with
 * the types that the compiler emitted for them.
 *
 * @throws EventTypeNameError for an invalid name in `eventTypes`
 * @publicApi
 */
export function generateScriptTypes(request: ScriptTypesRequest = {}): string {
  const known = [...(request.events ?? catalogue()), SCHEDULE];
  const { eventTypes = [] } = request;
  // A string would be read as a list of characters.
  if (kinds.isProxy(eventTypes) || !Array.isArray(eventTypes)) throw new EventTypeNameError(eventTypes);
  for (const type of eventTypes)
    if (!isEventTypeName(type) && !isEventPattern(type)) throw new EventTypeNameError(type);
  const open = eventTypes
    .filter((type) => isEventTypeName(type) && !known.some((event) => event.type === type))
    .map((type) => ({ type, fields: null }));
  const classes = new ClassTypes();
  const bindings = bindingTypes(request.bindings ?? [], classes);
  const context = contextOf(eventTypes, known);
  const parts = [
    HEADER,
    `/** Payloads by event type. */\ninterface ScriptEvents {\n${[...known, ...open].map(eventType).join('')}}\n`,
    `/** Types that only the product emits. */\ntype ProductEventType = ${unionOf(known.map(({ type }) => type))};\n`,
    `declare const ctx: ScriptContext<${context}>;\n`,
    AMBIENT,
    valueTypes(request),
    classes.toString(),
    bindings,
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function fieldsFor(names: readonly string[] | undefined, type: string): string {
  if (names === undefined) return `  readonly [name: string]: ${type};\n`;
  return names.map((name) => `  readonly ${propertyName(name)}: ${type};\n`).join('');
}

/** `secrets` and `vars`. */
function valueTypes({ secrets, variables }: ScriptTypesRequest): string {
  const known = variables?.length ? `${unionOf(variables)} | (string & {})` : 'string';
  const get = `  /** The value of a variable, or \`fallback\` if there is no such variable. */
  get(name: ${known}, fallback?: any): any;\n`;
  return `/** The secrets that the script may use. An unknown name throws an \`UnknownNameError\`. */
declare const secrets: {\n${fieldsFor(secrets, 'Secret')}};

/** The tenant's variables as they were when the run began; frozen. An unknown name throws an \`UnknownNameError\`. */
declare const vars: {\n${get}${fieldsFor(variables, 'any')}};\n`;
}

/**
 * The types that a script listens to. A pattern stands for the known types that it matches; if it matches none, it may
 * be any type.
 */
function contextOf(eventTypes: readonly string[], known: readonly DescribedEvent[]): string {
  const types = new Set<string>();
  for (const entry of eventTypes) {
    const meant = isEventPattern(entry)
      ? known
          .map(({ type }) => type)
          .filter((type) => type !== SCHEDULE_EVENT_TYPE && matchesEventPattern(entry, type))
      : [entry];
    if (meant.length === 0) return 'ScriptEventType';
    for (const type of meant) types.add(type);
  }
  return types.size > 0 ? unionOf([...types]) : 'ScriptEventType';
}

const catalogue = (): DescribedEvent[] => new EventRegistry().definitions();

const unionOf = (types: readonly string[]): string =>
  types.map((type) => JSON.stringify(type)).join(' | ') || 'never';

function eventType({ type, fields }: DescribedEvent): string {
  const typed = (TYPED_FIELDS as Record<string, Record<string, TypedField>>)[type] ?? {};
  const body = fields?.map((name) => {
    const { type: text, doc } = (Object.hasOwn(typed, name) && typed[name]) || {
      type: 'any',
      doc: undefined,
    };
    return `${docComment(doc, '    ')}    ${propertyName(name)}: ${text};\n`;
  });
  return `  ${JSON.stringify(type)}: {\n${body?.join('') ?? '    [field: string]: any;\n'}  };\n`;
}

/** A tree of names in which bindings are the leaves. */
type Tree = Map<string, Tree | DescribedBinding>;

function bindingTypes(bindings: readonly DescribedBinding[], classes: ClassTypes): string {
  const tree: Tree = new Map();
  for (const binding of bindings) {
    const path = binding.name.split('.');
    let node = tree;
    for (const part of path.slice(0, -1)) {
      if (!node.has(part)) node.set(part, new Map());
      node = node.get(part) as Tree;
    }
    node.set(path.at(-1) as string, binding);
  }
  return [...tree].map(([name, node]) => root(name, node, classes)).join('\n');
}

/** Object types rather than namespaces, because a binding's name may contain a word of the language: `crm.delete`. */
function root(name: string, node: Tree | DescribedBinding, classes: ClassTypes): string {
  if (node instanceof Map) return `declare const ${name}: {\n${members(node, '  ', classes)}};\n`;
  return `${docComment(node.description, '')}declare const ${name}: ${signature(node, classes)};\n`;
}

function members(tree: Tree, indent: string, classes: ClassTypes): string {
  return [...tree]
    .map(([name, node]) =>
      node instanceof Map
        ? `${indent}readonly ${name}: {\n${members(node, `${indent}  `, classes)}${indent}};\n`
        : `${docComment(node.description, indent)}${indent}readonly ${name}: ${signature(node, classes)};\n`,
    )
    .join('');
}

function signature({ input, result }: DescribedBinding, classes: ClassTypes): string {
  const given = input ? `input: ${classes.refer(input, 'input')}` : 'input?: any';
  const [listed] = Array.isArray(result) ? (result as readonly [NonNullable<typeof input>]) : [];
  const single = listed === undefined ? (result as typeof input) : undefined;
  const answer = listed
    ? `${classes.refer(listed, 'result')}[]`
    : single
      ? classes.refer(single, 'result')
      : 'any';
  return `(${given}) => Promise<${answer}>`;
}
