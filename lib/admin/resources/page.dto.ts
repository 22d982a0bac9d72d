import { Dto, Field, OPTIONAL } from '../schema/dto.js';
import { uuid, whole } from '../schema/kinds.js';

/** The query of a list, which comes page by page. */
export class PageQuery extends Dto {
  @Field('Items on the page, default 50.', whole(1, 200), OPTIONAL)
  limit?: number;

  @Field('`nextCursor` of the page before.', uuid(), OPTIONAL)
  cursor?: string;
}
