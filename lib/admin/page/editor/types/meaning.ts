import { coloured } from '../code.js';
import { create } from '../dom.js';
import type { CallHelp, Meaning } from './types.messages.js';

/** A box with the meaning of a name. */
export function meaningBox({ signature, documentation }: Meaning): HTMLElement {
  return box(create('code', 'signature', ...coloured(signature, 'typescript')), documentation);
}

/** A box with the signature of a call. The parameter that is being written is bold. */
export function callBox({ before, parameters, after, active, documentation }: CallHelp): HTMLElement {
  const signature = create('code', 'signature', before);
  for (const [index, parameter] of parameters.entries()) {
    if (index > 0) signature.append(', ');
    signature.append(create(index === active ? 'strong' : 'span', '', ...coloured(parameter, 'typescript')));
  }
  signature.append(after);
  return box(signature, documentation);
}

function box(signature: HTMLElement, documentation: string): HTMLElement {
  const element = create('div', 'meaning', signature);
  if (documentation !== '') element.append(create('p', '', ...prose(documentation)));
  return element;
}

/** The text of a doc comment, with code between backticks as elements. */
const prose = (text: string): (Node | string)[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? create('code', '', part) : part));
