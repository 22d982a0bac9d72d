import { Injectable } from '@nestjs/common';
import { isOutage } from '../common/database-failure.js';
import { SecretNames } from './secret-names.js';
import { valueProblems, valuesRead } from './value-problems.js';
import { VariableNames } from './variable-names.js';

/** What is probably wrong with a script's source, as it is now, or is to be. */
@Injectable()
export class SourceWarnings {
  constructor(
    private readonly secrets: SecretNames,
    private readonly variables: VariableNames,
  ) {}

  /**
   * Names that the source reads of `secrets` and `vars` and that are not there, in sentences. Warnings, because they may come
   * later.
   *
   * @param source the JavaScript that runs
   */
  async of(
    { tenantId, secrets: allowed }: { tenantId: string; secrets: readonly string[] | null },
    source: () => string | null | Promise<string | null>,
  ): Promise<string[]> {
    try {
      const read = await valuesRead((await source()) ?? '');
      if (read.length === 0) return [];
      const uses = (root: string): boolean => read.some(({ path }) => path[0] === root);
      const problems = valueProblems(read, {
        allowed: allowed ?? [],
        secrets: uses('secrets') ? await this.secrets.namesOf(tenantId) : null,
        variables: uses('vars') ? await this.variables.namesOf(tenantId) : null,
      });
      return problems.map(({ line, message }) => `Line ${line}: ${message}`);
    } catch (error) {
      // The script is saved by now: what can't be looked up must not look as if it were not.
      if (isOutage(error)) return [];
      throw error;
    }
  }
}
