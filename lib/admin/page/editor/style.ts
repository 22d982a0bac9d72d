/** The page's colours, each with a default for a page that doesn't set it. */
const colours = `
:host {
  --e-text: var(--text, light-dark(#1b1e27, #e8eaf1));
  --e-muted: var(--text-2, light-dark(#525a69, #a6adbb));
  --e-surface: var(--surface, light-dark(#ffffff, #171a22));
  --e-raised: var(--raised, light-dark(#ffffff, #1d212b));
  --e-border: var(--line-strong, light-dark(#c6ccd6, #414856));
  --e-accent: var(--accent, light-dark(#4f46e5, #a5a0ff));
  --e-bad: var(--bad, light-dark(#b3261e, #ff9a92));
  --e-bad-surface: var(--bad-soft, light-dark(#fdeceb, #3d1b1a));
  --e-warn: var(--warn, light-dark(#8a5300, #f2bb63));
  --e-warn-surface: var(--warn-soft, light-dark(#fdf2dc, #38290f));
  --e-good: var(--good, light-dark(#0b6b43, #5fd39d));
  --e-good-surface: var(--good-soft, light-dark(#e3f5ec, #123326));
  --e-mono: var(--mono, ui-monospace, monospace);
  --e-sans: var(--sans, system-ui, sans-serif);
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

.line > .code {
  white-space: pre-wrap; overflow-wrap: anywhere; text-decoration: none; min-width: 0;
  padding: 0; color: inherit; text-align: left; user-select: auto;
}
.added { background: var(--e-good-surface); }
.removed { background: var(--e-bad-surface); }
.added mark { background: light-dark(#b4e5c4, #1f5a37); }
.removed mark { background: light-dark(#f8c9c7, #6b2a2f); }
mark { color: inherit; border-radius: 2px; }
summary { padding: 0.2rem 0.75rem; color: var(--e-muted); cursor: pointer; font-family: var(--e-sans); }
summary:focus-visible { outline: 2px solid var(--e-accent); outline-offset: -2px; }
`;

const parts = `
.foot {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 1rem;
  justify-content: space-between;
  padding: 0.35rem 0.1rem 0;
  color: var(--e-muted);
  font: 0.8125rem/1.4 var(--e-sans);
}
@media (hover: none) and (pointer: coarse) { #hint { display: none; } }
.foot button {
  font: inherit;
  color: var(--e-accent);
  background: none;
  border: 1px solid currentcolor;
  border-radius: 4px;
  padding: 0.1rem 0.5rem;
  min-height: 24px;
  cursor: pointer;
}
.verdict { font: 0.8125rem/1.4 var(--e-sans); white-space: pre-wrap; overflow-wrap: anywhere; }
.cm-line .verdict { margin-left: 2ch; }
.holds { color: var(--e-good); }
.fails { color: var(--e-bad); }
.meaning { padding: 0.5rem 0.75rem; max-width: 36rem; max-height: 16rem; overflow: auto; }
.meaning p { margin: 0.4rem 0 0; white-space: pre-wrap; font: 0.875rem/1.45 var(--e-sans); }
.meaning p code { font-family: var(--e-mono); }
@media (max-width: 40rem) { .cm-completionInfo { display: none; } }
.signature { font-family: var(--e-mono); white-space: pre-wrap; overflow-wrap: anywhere; }
`;

let shared: CSSStyleSheet | undefined;

/** Gives a shadow root the editors' style. A strict Content-Security-Policy allows adopted style sheets. */
export function adoptStyle(root: ShadowRoot): void {
  if (shared === undefined) {
    shared = new CSSStyleSheet();
    shared.replaceSync(colours + code + diff + parts);
  }
  root.adoptedStyleSheets.push(shared);
}
