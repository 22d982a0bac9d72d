import { syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';

const text = 'var(--e-text)';
const muted = 'var(--e-muted)';
const surface = 'var(--e-surface)';
const raised = 'var(--e-raised)';
const border = 'var(--e-border)';
const accent = 'var(--e-accent)';
const bad = 'var(--e-bad)';
const warn = 'var(--e-warn)';
const mono = 'var(--e-mono)';

/** The look of CodeMirror, in the colours of `style.ts`. */
export const theme: Extension = [
  syntaxHighlighting(classHighlighter),
  EditorView.theme({
    '&': {
      color: text,
      backgroundColor: surface,
      border: `1px solid ${border}`,
      borderRadius: '6px',
      fontSize: '0.875rem',
    },
    '&.cm-focused': { outline: `2px solid ${accent}`, outlineOffset: '1px' },
    '.cm-scroller': {
      fontFamily: mono,
      lineHeight: '1.55',
      minHeight: 'var(--editor-min-height, 6rem)',
      maxHeight: 'var(--editor-max-height, 70vh)',
      overflow: 'auto',
      borderRadius: '5px',
    },
    '.cm-content': { caretColor: text, padding: '0.5rem 0' },
    '.cm-cursor, .cm-dropCursor': { borderLeftColor: text },
    '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
      backgroundColor: 'light-dark(#cfd6f7, #37406a)',
    },
    '.cm-activeLine': { backgroundColor: 'transparent' },
    '&.cm-focused .cm-activeLine': { backgroundColor: 'light-dark(#4f46e50a, #a5a0ff0d)' },
    '.cm-gutters': { color: muted, backgroundColor: surface, borderRight: 'none' },
    '.cm-activeLineGutter': { color: text, backgroundColor: 'transparent' },
    '&.cm-focused .cm-matchingBracket': {
      backgroundColor: 'transparent',
      outline: `1px solid ${muted}`,
    },
    '.cm-tooltip': {
      color: text,
      backgroundColor: raised,
      border: `1px solid ${border}`,
      borderRadius: '6px',
      boxShadow: '0 4px 16px #0003',
      maxWidth: 'min(36rem, calc(100vw - 2rem))',
    },
    '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: mono, maxHeight: '14rem' },
    '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.5rem' },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': { color: surface, backgroundColor: accent },
    '.cm-completionDetail': { fontStyle: 'normal', color: muted },
    'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
    '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
    '.cm-tooltip.cm-completionInfo': { padding: '0.5rem 0.75rem', whiteSpace: 'normal' },
    '.cm-diagnostic': { padding: '0.4rem 0.75rem', whiteSpace: 'pre-wrap' },
    '.cm-diagnostic-error': { borderLeft: `4px solid ${bad}` },
    '.cm-diagnostic-warning': { borderLeft: `4px solid ${warn}` },
    '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: `underline wavy ${bad} 1px` },
    '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: `underline wavy ${warn} 1px` },
    '.cm-lintRange-hint': { backgroundImage: 'none' },
    '.cm-unused': { textDecoration: `underline dotted ${muted}`, textUnderlineOffset: '3px' },
    '.cm-placeholder': { color: muted },
    '.cm-panels': { color: text, backgroundColor: raised },
    '.cm-panels-bottom': { borderTop: `1px solid ${border}` },
    '.cm-problem': { padding: '0.15rem 0.5rem 0.35rem' },
    '.cm-problem > div': {
      padding: '0.25rem 0.6rem',
      borderRadius: '4px',
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
      borderLeft: '4px solid currentcolor',
    },
    '.cm-problem-error': { color: bad, backgroundColor: 'var(--e-bad-surface)' },
    '.cm-problem-warning': { color: warn, backgroundColor: 'var(--e-warn-surface)' },
  }),
];
