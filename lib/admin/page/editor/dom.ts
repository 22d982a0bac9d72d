/** Creates an element with a class and children. Text is never parsed as HTML. */
export function create(tag: string, name: string, ...children: readonly (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  if (name !== '') element.className = name;
  element.append(...children);
  return element;
}
