import { MAX_INTEGER } from '../../common/sql.js';
import { SCRIPT_LANGUAGES, type ScriptLanguage } from '../../entities/index.js';
import { Dto, Field, NULLABLE, OPTIONAL } from '../schema/dto.js';
import { choice, dto, list, moment, text, whole } from '../schema/kinds.js';
import { Limit } from './page.dto.js';

export class ListVersionsQuery extends Dto {
  @Limit
  limit?: number;

  @Field('The `nextCursor` of the previous page.', whole(1, MAX_INTEGER), OPTIONAL)
  cursor?: number;
}

/** One version of a script in a list. */
export class ScriptVersionSummary extends Dto {
  @Field('1 for the first version, one more for each change of the source.', whole(1, MAX_INTEGER))
  version!: number;

  @Field('Language of the source.', choice(SCRIPT_LANGUAGES))
  language!: ScriptLanguage;

  @Field('SHA-256 of the source in hexadecimal.', text())
  checksum!: string;

  @Field('Who saved this version.', text(), NULLABLE)
  createdBy!: string | null;

  @Field('When this version was saved.', moment())
  createdAt!: Date;
}

/** One version of a script. */
export class ScriptVersion extends ScriptVersionSummary {
  @Field('The source. It never changes.', text())
  source!: string;
}

/** Which version to go back to. */
export class RevertScriptBody extends Dto {
  @Field('The version whose source becomes the newest version.', whole(1, MAX_INTEGER))
  version!: number;
}

export class CompareVersionsQuery extends Dto {
  @Field('The version to compare with. Default: the one before.', whole(1, MAX_INTEGER), OPTIONAL)
  from?: number;
}

/** A line of one version or of both. */
class ScriptDiffLine extends Dto {
  @Field('Where the line is: in both versions, or in one.', choice(['same', 'removed', 'added']))
  kind!: string;

  @Field('Number in the earlier source, from 1. null if it was added.', whole(1), NULLABLE)
  before!: number | null;

  @Field('Number in the later source, from 1. null if it was removed.', whole(1), NULLABLE)
  after!: number | null;

  @Field('The line.', text())
  text!: string;
}

/** What changed between two versions of a script. */
export class ScriptDiff extends Dto {
  @Field('The version compared with.', whole(1, MAX_INTEGER))
  from!: number;

  @Field('The version asked for.', whole(1, MAX_INTEGER))
  to!: number;

  @Field('How many lines were added.', whole())
  added!: number;

  @Field('How many lines were removed.', whole())
  removed!: number;

  @Field('All lines of both sources, in order.', list(dto(() => ScriptDiffLine)))
  lines!: object[];
}
