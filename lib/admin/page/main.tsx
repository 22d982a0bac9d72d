import { render } from 'preact';
import { App } from './app';
import { REFUSED_STYLE } from './base';
import { keepFocus } from './ui/kept-focus';
import './styles/page.css';

if (REFUSED_STYLE)
  document.head.append(
    Object.assign(document.createElement('link'), { rel: 'stylesheet', href: REFUSED_STYLE.href }),
  );

keepFocus();

const root = document.getElementById('app');
if (root) render(<App />, root);

// Tells esbuild that this is an ES module, because the package isn't one. Else esbuild wraps each module of the page.
// oxlint-disable-next-line no-useless-empty-export, require-module-specifiers -- as said above
export {};
