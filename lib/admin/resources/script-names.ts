import { Injectable } from '@nestjs/common';
import { ScriptService } from '../../scripts/script.service.js';

/** A record that refers to a script. */
interface OfScript {
  readonly scriptId: string;
}

/** A record that may refer to no script. */
interface OfSomeScript {
  readonly scriptId: string | null;
}

/** The name of a script by its id; null for one that is deleted. */
export type NameOf = (scriptId: string) => string | null;

/** The names of the scripts that records refer to, so that clients need no request for each. */
@Injectable()
export class ScriptNames {
  constructor(private readonly scripts: ScriptService) {}

  /** Reads the names with one statement, whatever the number of records. */
  async of(tenantId: string, records: readonly OfScript[]): Promise<NameOf> {
    const ids = new Set(records.map(({ scriptId }) => scriptId));
    const names = await this.scripts.namesOf(tenantId, [...ids]);
    return (scriptId) => names.get(scriptId) ?? null;
  }

  /** The records, each with the name of its script. */
  async beside<Item extends OfScript>(
    tenantId: string,
    items: readonly Item[],
  ): Promise<(Item & { scriptName: string | null })[]> {
    const nameOf = await this.of(tenantId, items);
    return items.map((item) => ({ ...item, scriptName: nameOf(item.scriptId) }));
  }

  /** The same for records of which some refer to no script. */
  async besideSome<Item extends OfSomeScript>(
    tenantId: string,
    items: readonly Item[],
  ): Promise<(Item & { scriptName: string | null })[]> {
    const nameOf = await this.of(
      tenantId,
      items.filter((item): item is Item & OfScript => item.scriptId !== null),
    );
    return items.map((item) => ({
      ...item,
      scriptName: item.scriptId === null ? null : nameOf(item.scriptId),
    }));
  }
}
