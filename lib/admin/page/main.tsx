import { render } from 'preact';
import { App } from './app';
import './styles/page.css';

const root = document.getElementById('app');
if (root) render(<App />, root);

// Says to esbuild that this is an ES module, which the package isn't: it would wrap each of the page's modules otherwise.
// oxlint-disable-next-line no-useless-empty-export, require-module-specifiers -- as said above
export {};
