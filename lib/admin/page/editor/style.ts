/** Colours of the page where it sets them, of the editors' own where it does not. */
const colours = `
:host {
  --e-text: var(--text, light-dark(#1b1e27, #e8eaf1));
  --e-muted: var(--text-muted, light-dark(#545b6c, #a5acbd));
  --e-surface: var(--surface, light-dark(#ffffff, #16181f));
  --e-raised: var(--surface-raised, light-dark(#ffffff, #21242d));
  --e-border: var(--border-strong, light-dark(#858c9d, #6f7688));
  --e-accent: var(--accent, light-dark(#4338ca, #a5b4fc));
  --e-bad: light-dark(#a5151c, #ffa6a6);
  --e-bad-surface: light-dark(#fdeceb, #3a1d20);
  --e-warn: light-dark(#7a4900, #f3c06b);
  --e-warn-surface: light-dark(#fdf3e0, #33270f);
  --e-good: light-dark(#0b6130, #8fd6a5);
  --e-good-surface: light-dark(#e4f6ea, #14301f);
  --e-mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  display: block;
  color: var(--e-text);
}
`;

/** The colours of code: at least 4.5 : 1 on the surface and on the colours of a diff, in both themes. */
const code = `
.tok-keyword, .tok-operatorKeyword { color: light-dark(#8a1f8a, #e3a2e8); }
.tok-string, .tok-string2 { color: light-dark(#0b6130, #8fd6a5); }
.tok-number, .tok-bool, .tok-atom, .tok-literal { color: light-dark(#844200, #f2bb7c); }
.tok-typeName, .tok-className, .tok-namespace { color: light-dark(#0a5c73, #7fd4ea); }
.tok-propertyName { color: light-dark(#2b3f7a, #b9c7f5); }
.tok-comment { color: light-dark(#585e6e, #a5acbd); font-style: italic; }
`;

const diff = `
.diff { border: 1px solid var(--e-border); border-radius: 6px; background: var(--e-surface); overflow: hidden; }
.diff p { margin: 0; padding: 0.4rem 0.75rem; border-bottom: 1px solid var(--e-border); color: var(--e-muted); }
.lines { font: 0.875rem/1.55 var(--e-mono); padding: 0.25rem 0; }
.line { display: grid; grid-template-columns: 3.25ch 3.25ch 2ch 1fr; padding-right: 0.5rem; }
.line > span { color: var(--e-muted); text-align: right; padding-right: 0.75ch; user-select: none; }
.line > .sign { color: inherit; text-align: center; padding: 0; }
.line > :last-child { white-space: pre-wrap; overflow-wrap: anywhere; text-decoration: none; min-width: 0; }
.added { background: var(--e-good-surface); }
.removed { background: var(--e-bad-surface); }
.added mark { background: light-dark(#b4e5c4, #1f5a37); }
.removed mark { background: light-dark(#f8c9c7, #6b2a2f); }
mark { color: inherit; border-radius: 2px; }
summary { padding: 0.2rem 0.75rem; color: var(--e-muted); cursor: pointer; font-family: system-ui, sans-serif; }
summary:focus-visible { outline: 2px solid var(--e-accent); outline-offset: -2px; }
`;

let shared: CSSStyleSheet | undefined;

/** Gives a shadow root the style of the editors; a strict Content-Security-Policy allows a sheet that is adopted. */
export function adoptStyle(root: ShadowRoot): void {
  if (shared === undefined) {
    shared = new CSSStyleSheet();
    shared.replaceSync(colours + code + diff);
  }
  root.adoptedStyleSheets.push(shared);
}
