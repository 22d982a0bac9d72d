const CONTROL =
  'a[href], button, input, select, textarea, summary, [contenteditable="true"], [tabindex]:not([tabindex="-1"])';

/** Where an element was that has left the document. */
interface Gap {
  parent: Node;
  previous: Node | null;
  next: Node | null;
  /** The outermost of the nodes that left with the element, such as its row. */
  row: Node;
}

/** An element that has or had the focus. */
class Holder {
  readonly dialog: HTMLDialogElement | null;
  /** Whether a change may have taken the focus from the element. */
  robbed = false;
  private gap: Gap | undefined;

  constructor(readonly element: HTMLElement) {
    this.dialog = element.closest('dialog');
  }

  get inOpenDialog(): boolean {
    return this.dialog === null || (this.dialog.isConnected && this.dialog.open);
  }

  /** Takes note of a change. Changes come in their order. */
  follow({ type, target, removedNodes, previousSibling, nextSibling }: MutationRecord): void {
    if (type === 'attributes' && target.contains(this.element)) this.robbed = true;
    for (const removed of removedNodes)
      if (removed.contains(this.gap?.parent ?? this.element)) {
        this.robbed = true;
        this.gap = { parent: target, previous: previousSibling, next: nextSibling, row: removed };
      } else if (removed === this.gap?.next) this.gap.next = nextSibling;
      else if (removed === this.gap?.previous) this.gap.previous = previousSibling;
  }

  /** What gets the focus: the element, or its neighbour if it has left; undefined as long as neither can have it. */
  heir(): HTMLElement | undefined {
    const { element } = this;
    if (!element.isConnected) return this.gap && neighbourOf(this.gap, element);
    this.gap = undefined;
    return element.matches(':disabled') ? undefined : element;
  }
}

/**
 * The control beside a gap: the next one, such as in the next row or the button that adds a row, else the one before. In
 * a row like the one that left, it is the control in the same place. The search widens up to the dialog or the document.
 */
function neighbourOf(gap: Gap, element: HTMLElement): HTMLElement | undefined {
  const inRow = controlsIn(gap.row);
  const place = inRow.indexOf(element);
  const pick = (beside: Node, otherwise: 0 | -1): HTMLElement | undefined => {
    const controls = controlsIn(beside).filter(canHaveFocus);
    const alike = isLike(beside, gap.row) && controls.length === inRow.length;
    return alike ? controls[place] : controls.at(otherwise);
  };
  let { parent, previous, next }: { parent: Node | null; previous: Node | null; next: Node | null } = gap;
  while (parent) {
    for (let beside = next; beside; beside = beside.nextSibling) {
      const found = pick(beside, 0);
      if (found) return found;
    }
    for (let beside = previous; beside; beside = beside.previousSibling) {
      // The title, and no action beside it, stands for the screen.
      const found = titleIn(beside) ?? pick(beside, -1);
      if (found) return found;
    }
    if (parent instanceof HTMLDialogElement) return undefined;
    ({ parentNode: parent, previousSibling: previous, nextSibling: next } = parent);
  }
  return undefined;
}

const titleIn = (node: Node): HTMLElement | null =>
  node instanceof HTMLElement ? (node.matches('h1') ? node : node.querySelector('h1')) : null;

function controlsIn(node: Node): HTMLElement[] {
  if (!(node instanceof HTMLElement)) return [];
  const inside = [...node.querySelectorAll<HTMLElement>(CONTROL)];
  return node.matches(CONTROL) ? [node, ...inside] : inside;
}

const canHaveFocus = (control: HTMLElement): boolean =>
  !control.matches(':disabled') && control.checkVisibility();

const isLike = (one: Node, other: Node): boolean =>
  one instanceof Element &&
  other instanceof Element &&
  one.tagName === other.tagName &&
  one.className === other.className;

/** The elements that had the focus: the last one now, those before it when a dialog opened that is still open. */
let holders: Holder[] = [];

/** Lets the focus be where it is: whoever calls has moved it. */
export function releaseFocus(): void {
  holders = [];
}

const isDropped = (): boolean => document.activeElement === null || document.activeElement === document.body;

/**
 * Keeps the place of people who use the keyboard. A browser drops the focus when the focused control leaves the document,
 * moves in it or is disabled, and the next Tab would begin at the top. From now on, a control that comes back gets the
 * focus again, and the neighbour of one that left gets it.
 */
export function keepFocus(): void {
  /** Whether the person is about to move the focus. */
  let leaving = false;
  const begin = (kept: boolean): void => {
    leaving = !kept;
    if (leaving && isDropped()) releaseFocus();
  };
  document.addEventListener(
    'pointerdown',
    ({ target }) => begin(target instanceof Node && holders.at(-1)?.element.contains(target) === true),
    true,
  );
  document.addEventListener('keydown', ({ key }) => key === 'Tab' && begin(false), true);
  document.addEventListener('focusin', ({ target }) => {
    leaving = false;
    if (!(target instanceof HTMLElement)) return;
    const holder = new Holder(target);
    const same = holders.findIndex(({ dialog }) => dialog === holder.dialog);
    holders = [...(same === -1 ? holders : holders.slice(0, same)), holder];
  });
  document.addEventListener('focusout', ({ relatedTarget }) => {
    if (leaving && relatedTarget === null) releaseFocus();
  });
  const observer = new MutationObserver((records) => {
    for (const record of records) for (const holder of holders) holder.follow(record);
    if (!isDropped()) return;
    const open = holders.findLastIndex(({ inOpenDialog }) => inOpenDialog);
    const holder = holders[open];
    if (holder && (holder.robbed || open < holders.length - 1)) holder.heir()?.focus();
  });
  observer.observe(document, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled', 'open'],
  });
}
