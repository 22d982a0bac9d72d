import { UnauthorizedException } from '@nestjs/common';
import { Problem } from '../../../lib/admin/http/problem.js';
import { PageFiles } from '../../../lib/admin/serving/page.files.js';
import { pageSettings } from '../../../lib/admin/serving/page.settings.js';
import { problemPage } from '../../../lib/admin/serving/problem-page.js';
import { PAGE_PLACE } from '../../support/page-place.js';

const DETAIL = 'A detail.';

/** The main part of the document for a problem. */
function shown(status: number, code: string, message = DETAIL, signIn?: string): string {
  const html = problemPage(new Problem(status, code, message), { signIn, style: 'p{}' });
  return /<main>(.*)<\/main>/s.exec(html)?.[1] ?? '';
}

const FILES = PageFiles.read(PAGE_PLACE);

describe('the document that is shown instead of the page', () => {
  it('tells somebody without a session where to sign in, or to sign in to the application', () => {
    const what =
      '<h1>You are not signed in</h1><p>Only people who are signed in to the application can see this page.</p>';
    expect(shown(401, 'unauthenticated', DETAIL, '/login?a=1&b="')).toBe(
      `${what}<p><a href="/login?a=1&amp;b=&quot;">Sign in</a></p>`,
    );
    expect(shown(401, 'unauthenticated')).toBe(
      `${what}<p>Sign in to the application, then load this page again.</p>`,
    );
  });

  it('shows somebody without a session no text of the host', () => {
    const { message } = new UnauthorizedException('No user in ldap://10.0.0.7.');
    expect(shown(401, 'unauthorized', message)).not.toContain('ldap');
  });

  it.each([
    ['the reason that the host gives', 'Mallory is <out>.', '<p>Mallory is &lt;out&gt;.</p>'],
    [
      'a sentence of its own if the host gives no reason',
      'Forbidden resource',
      '<p>The application does not let you see this page.</p>',
    ],
  ])('says that access is missing, with %s, and whom to ask', (_what, message, expected) => {
    expect(shown(403, 'forbidden', message)).toBe(
      `<h1>You have no access</h1>${expected}<p>If you need access, ask the people who run the application.</p>`,
    );
  });

  it.each([
    [404, 'not-found', 'Not Found', '<h1>Not found</h1><p>There is nothing at this address.</p>'],
    [404, 'asset-not-found', DETAIL, `<h1>Not found</h1><p>${DETAIL}</p>`],
    [403, 'cross-site', DETAIL, `<h1>Forbidden</h1><p>${DETAIL}</p>`],
    [503, 'database-away', DETAIL, `<h1>Service unavailable</h1><p>${DETAIL}</p>`],
  ])('shows what is wrong: %s %s', (status, code, message, expected) => {
    expect(shown(status, code, message, '/login')).toBe(expected);
  });

  it.each([
    ['its own style', {}, true],
    ['its own style beside scripts of the host', { 'script-src': "'self'" }, true],
    ['no style where the host replaces styles', { 'style-src': "'self'" }, false],
    ['no style where the host replaces styles of elements', { 'style-src-elem': "'self'" }, false],
  ])('contains %s', (_what, csp, isStyled) => {
    const { problem } = pageSettings('scripts-event', { csp, links: {} }, FILES);
    const html = problemPage(new Problem(401, 'unauthenticated', DETAIL), {
      signIn: undefined,
      style: problem.style,
    });
    expect(html.includes('<style>')).toBe(isStyled);
    for (const [name, value] of Object.entries(csp)) expect(problem.policy).toContain(`${name} ${value}`);
  });
});
