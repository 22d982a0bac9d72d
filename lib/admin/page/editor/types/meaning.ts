import { coloured } from '../code.js';
import { create } from '../dom.js';
import type { CallHelp, Meaning } from './types.messages.js';

/** What a name stands for, to be shown beside it. */
export function meaningBox({ signature, documentation }: Meaning): HTMLElement {
  return box(create('code', 'signature', ...coloured(signature, 'typescript')), documentation);
}

/** The call that is being written, with the parameter whose turn it is in bold. */
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

/** Text of a doc comment: what stands between backticks is code. */
const prose = (text: string): (Node | string)[] =>
  text.split('`').map((part, index) => (index % 2 === 1 ? create('code', '', part) : part));
