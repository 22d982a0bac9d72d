import { MAX_INTEGER } from '../common/sql.js';
import { Injectable } from '@nestjs/common';
import { InvalidQueryError } from '../common/invalid-query.error.js';
import type { JsonValue } from '../common/json.js';
import { quoted } from '../common/printable.js';
import { isValueName, VALUE_NAME_RULE } from '../common/value-names.js';
import {
  checkFields,
  checkTenant,
  checkWhole,
  checkId,
  invalid,
  storableJsonOf,
} from '../options/query-checks.js';
import { hasOwnFields } from '../options/strict-fields.js';
import { VariableNotFoundError } from './variable.errors.js';
import { VariableRepository } from './variable.repository.js';
import { VariableStore } from './variable-store.js';
import type {
  DeletedVariable,
  Variable,
  VariableCondition,
  VariablesCondition,
  VariableVersion,
} from './variable.types.js';

/** The largest value, in bytes as JSON. */
const MOST_BYTES = 16 * 1024;
const MOST_AT_ONCE = 100;

/**
 * Variables: plain values of a tenant that its scripts read as `vars.region`. Every method works on one tenant's
 * variables; variables of another tenant are not found. A change takes effect in this process before the call
 * resolves, and in other processes within a second. A run keeps the values that it began with.
 *
 * `by` names who makes the change and is stored with it: an id that you choose, up to 200 characters. Every method
 * throws an {@link InvalidQueryError} that names the field if an argument is invalid.
 *
 * @publicApi
 */
@Injectable()
export class VariableService {
  /** @internal */
  constructor(
    private readonly repository: VariableRepository,
    private readonly store: VariableStore,
  ) {}

  /**
   * Creates or changes a variable. Setting the value that it already has makes no new version.
   *
   * @param value any JSON value, up to 16 KiB
   * @throws {TooManyVariablesError} over `limits.tenantVariables` or `limits.tenantVariableBytes`
   * @throws {VariableChangedError} for a `baseVersion` that is no longer the current one
   */
  async set(
    tenantId: string,
    name: string,
    value: JsonValue,
    by?: string | null,
    condition: VariableCondition = {},
  ): Promise<Variable> {
    const actor = begin(tenantId, by);
    const base = readCondition(condition);
    const values = { [nameOf(name)]: valueOf('value', value) };
    const [set] = await this.write(tenantId, values, actor, base === undefined ? {} : { [name]: base });
    return set ?? notFound(name);
  }

  /**
   * Sets up to 100 variables in one transaction: no run sees a mixture of old and new values.
   *
   * @param values values by name
   * @throws {TooManyVariablesError}
   * @throws {VariableChangedError} if one of the `baseVersions` is no longer the current one
   */
  async setMany(
    tenantId: string,
    values: Readonly<Record<string, JsonValue>>,
    by?: string | null,
    condition: VariablesCondition = {},
  ): Promise<Variable[]> {
    const actor = begin(tenantId, by);
    if (!hasOwnFields(values)) throw invalid('values', values, 'an object of values by name');
    const names = Object.keys(values);
    if (names.length === 0 || names.length > MOST_AT_ONCE)
      throw invalid('values', names.length, `an object of 1 to ${MOST_AT_ONCE} values by name`);
    const base = readConditions(condition, names);
    const checked = names.map((name) => {
      if (!isValueName(name))
        throw new InvalidQueryError(
          'values',
          `A name in values must be ${VALUE_NAME_RULE}, not ${quoted(name)}`,
        );
      return [name, valueOf(`values.${name}`, values[name])] as const;
    });
    return this.write(tenantId, Object.fromEntries(checked), actor, base);
  }

  /** @throws {VariableNotFoundError} @throws {VariableChangedError} */
  async delete(
    tenantId: string,
    name: string,
    by?: string | null,
    condition: VariableCondition = {},
  ): Promise<void> {
    const actor = begin(tenantId, by);
    const base = readCondition(condition);
    if (!(await this.repository.delete(tenantId, nameOf(name), actor, base))) notFound(name);
    await this.store.changed(tenantId);
  }

  /** @throws {VariableNotFoundError} */
  async get(tenantId: string, name: string): Promise<Variable> {
    begin(tenantId, null);
    return (await this.repository.find(tenantId, nameOf(name))) ?? notFound(name);
  }

  /** The tenant's variables, sorted by name. There are at most `limits.tenantVariables`. */
  async list(tenantId: string): Promise<Variable[]> {
    begin(tenantId, null);
    return this.repository.list(tenantId);
  }

  /**
   * The last 100 versions of a variable with who made each, newest first. Works for deleted variables, too.
   *
   * @throws {VariableNotFoundError} if the tenant has never had a variable of this name
   */
  async listVersions(tenantId: string, name: string): Promise<VariableVersion[]> {
    begin(tenantId, null);
    const versions = await this.repository.versions(tenantId, nameOf(name));
    return versions.length > 0 ? versions : notFound(name);
  }

  /** The tenant's deleted variables whose versions are still stored, most recently deleted first. At most 200. */
  async listDeleted(tenantId: string): Promise<DeletedVariable[]> {
    begin(tenantId, null);
    return this.repository.deleted(tenantId);
  }

  private async write(
    tenantId: string,
    values: Readonly<Record<string, JsonValue>>,
    by: string | null,
    base: Readonly<Record<string, number>>,
  ): Promise<Variable[]> {
    const set = await this.repository.set(tenantId, values, by, base);
    await this.store.changed(tenantId);
    return set;
  }
}

function begin(tenantId: string, by: string | null | undefined): string | null {
  checkTenant(tenantId);
  if (by !== undefined && by !== null) checkId('by', by);
  return by ?? null;
}

function nameOf(name: unknown): string {
  if (!isValueName(name)) throw invalid('name', name, VALUE_NAME_RULE);
  return name;
}

const valueOf = (field: string, value: unknown): JsonValue =>
  JSON.parse(storableJsonOf(field, value, MOST_BYTES)) as JsonValue;

function readCondition(condition: VariableCondition): number | undefined {
  checkFields('the condition', condition, ['baseVersion']);
  const { baseVersion } = condition;
  if (baseVersion !== undefined) checkWhole('baseVersion', baseVersion, 0, MAX_INTEGER);
  return baseVersion;
}

function readConditions(
  condition: VariablesCondition,
  names: readonly string[],
): Readonly<Record<string, number>> {
  checkFields('the condition', condition, ['baseVersions']);
  const { baseVersions } = condition;
  if (baseVersions === undefined) return {};
  // A name that this call doesn't set is refused, because its version would not be checked.
  checkFields('baseVersions', baseVersions, names);
  for (const [name, version] of Object.entries(baseVersions))
    checkWhole(`baseVersions.${name}`, version, 0, MAX_INTEGER);
  return { ...baseVersions };
}

function notFound(name: string): never {
  throw new VariableNotFoundError(name);
}
