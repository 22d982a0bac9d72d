import { FEWEST_CHARACTERS } from './text-finder.js';
import { isBindingName } from '../common/binding-names.js';
import { InvalidQueryError } from '../common/invalid-query.error.js';
import { toStorableText } from '../common/json.js';
import { valueInWords } from '../common/printable.js';
import { isValueName, VALUE_NAME_RULE } from '../common/value-names.js';
import { parseHostPattern } from '../options/host-pattern.js';
import { checkFields, checkWord, invalid } from '../options/query-checks.js';
import { entriesOf } from '../options/strict-fields.js';
import type { CreateSecret, SecretFields, UpdateSecret } from './secret.types.js';

const MOST_CHARACTERS = 8_192;
const MOST_DESTINATIONS = 20;
const MOST_DESCRIPTION = 2_000;
const FIELDS = ['value', 'description', 'hosts', 'bindings'];

/** @throws InvalidQueryError that names the field and never contains the value */
export function checkNewSecret(secret: CreateSecret): void {
  checkFields('the secret', secret, ['name', ...FIELDS]);
  checkSecretName(secret.name);
  checkSecretValue(secret.value);
  checkSecretFields(secret);
}

export function checkSecretChange(changes: UpdateSecret): void {
  checkFields('the changes', changes, FIELDS);
  if (changes.value !== undefined) checkSecretValue(changes.value);
  checkSecretFields(changes);
}

export function checkSecretName(name: unknown): void {
  if (!isValueName(name)) throw invalid('name', name, VALUE_NAME_RULE);
}

/** @throws InvalidQueryError without the value */
export function checkSecretValue(value: unknown): void {
  if (typeof value !== 'string') return refuseValue('text');
  const { length } = value;
  if (length < FEWEST_CHARACTERS || length > MOST_CHARACTERS)
    return refuseValue(`text of ${FEWEST_CHARACTERS} to ${MOST_CHARACTERS} characters; this has ${length}`);
  if (toStorableText(value) !== value) refuseValue('without U+0000 and without half of a surrogate pair');
  if (new Set(value).size < 3) refuseValue('text with more than two different characters');
}

/** The message leaves out the given value, which is a secret. */
function refuseValue(message: string): never {
  throw new InvalidQueryError('value', `value must be ${message}`);
}

/** Checks the other fields if they are given. */
function checkSecretFields({ description, hosts, bindings }: SecretFields): void {
  if (description !== undefined && description !== null) {
    if (typeof description !== 'string' || description.length > MOST_DESCRIPTION)
      throw invalid('description', description, `text of 1 to ${MOST_DESCRIPTION} characters`);
    if (description.length <= 200) checkWord('description', description);
    else if (toStorableText(description) !== description)
      throw invalid('description', description, 'text without U+0000');
  }
  if (hosts !== undefined) checkList('hosts', hosts, HOST_RULE, isExactHost);
  if (bindings !== undefined)
    checkList('bindings', bindings, 'names of bindings such as "crm.findClient"', isBindingName);
}

const HOST_RULE =
  'full names of hosts such as "api.example.com" or "api.example.com:8443", without scheme, path, wildcard and final dot';

function isExactHost(value: unknown): boolean {
  const pattern = parseHostPattern(value);
  return pattern !== undefined && !pattern.wildcard && !pattern.host.endsWith('.');
}

function checkList(field: string, value: unknown, rule: string, isOne: (item: unknown) => boolean): void {
  const items = entriesOf(value, MOST_DESTINATIONS);
  if (!items) throw invalid(field, value, `a list of up to ${MOST_DESTINATIONS} ${rule}`);
  const wrong = items.findIndex((item, at) => !isOne(item) || items.indexOf(item) !== at);
  if (wrong === -1) return;
  const shown = valueInWords(items[wrong]);
  throw new InvalidQueryError(
    `${field}[${wrong}]`,
    `${field}[${wrong}] must be one of ${rule}, and none twice, not ${shown}`,
  );
}
