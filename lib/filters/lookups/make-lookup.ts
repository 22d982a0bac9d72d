import { AffixLookup } from './affix.lookup.js';
import { IntervalLookup } from './interval.lookup.js';
import type { Lead } from './lead.js';
import type { Lookup } from './lookup.js';
import { isExactAsDouble, placeAmongDates, placeAmongNumbers } from './order-number.js';
import { PartLookup } from './part.lookup.js';
import { ValueLookup } from './value.lookup.js';

/** Creates the lookup for a lead and all similar ones. */
export function makeLookup<Posting>({ lookupId: id, kind, path, ignoreCase }: Lead): Lookup<Posting> {
  switch (kind) {
    case 'value':
      return new ValueLookup(id, path, ignoreCase);
    case 'start':
    case 'end':
      return new AffixLookup(id, path, kind === 'end', ignoreCase);
    case 'part':
      return new PartLookup(id, path, ignoreCase);
    case 'number':
      return new IntervalLookup(id, path, placeAmongNumbers, isExactAsDouble);
    case 'date':
      return new IntervalLookup(id, path, placeAmongDates, always);
  }
}

/**
 * Values and bounds are both cut to milliseconds, which makes no difference for a value strictly between two bounds.
 */
const always = (): boolean => true;
