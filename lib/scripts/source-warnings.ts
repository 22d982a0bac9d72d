import { Injectable } from '@nestjs/common';
import { isOutage } from '../common/database-failure.js';
import { SecretNames } from './secret-names.js';
import { valueProblems, valuesRead } from './value-problems.js';
import { VariableNames } from './variable-names.js';

/** Says what is probably wrong with the source of a script, saved or not. */
@Injectable()
export class SourceWarnings {
  constructor(
    private readonly secrets: SecretNames,
    private readonly variables: VariableNames,
  ) {}

  /**
   * A sentence for each name that the source reads from `secrets` or `vars` and that the script doesn't have. These are
   * warnings, because the names may be created later.
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
      // The script is already saved, so a failed look-up must not look like a failed save.
      if (isOutage(error)) return [];
      throw error;
    }
  }
}
