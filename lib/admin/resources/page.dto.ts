import { Dto, Field, OPTIONAL } from '../schema/dto.js';
import { uuid, whole } from '../schema/kinds.js';

export const Limit = Field('Maximum number of items on the page. Default: 50.', whole(1, 200), OPTIONAL);
export const Cursor = Field('The `nextCursor` of the previous page.', uuid(), OPTIONAL);

/** The query of a list with pages. */
export class PageQuery extends Dto {
  @Limit
  limit?: number;

  @Cursor
  cursor?: string;
}
