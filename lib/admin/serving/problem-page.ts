import { escapeHtml } from '../../common/html.js';
import { type Problem, titleOf } from '../http/problem.js';
import { documentOf } from './document.js';

/** What a problem's document shows beside the problem. */
interface ProblemPageParts {
  /** The address of the host's sign-in. */
  readonly signIn: string | undefined;
  /** The text of the style, undefined if the policy may refuse it. */
  readonly style: string | undefined;
}

/** What happened, and what to do. */
interface Words {
  title: string;
  what: string;
  next?: string;
  link?: string;
}

/**
 * The document for people who can't see the page. Without a session, it reveals nothing about the host but the address
 * to sign in.
 */
export function problemPage(problem: Problem, { signIn, style }: ProblemPageParts): string {
  const { title, what, next, link } = wordsFor(problem, signIn);
  return documentOf(
    title,
    style === undefined ? '' : `<style>${style}</style>`,
    `<main><h1>${escapeHtml(title)}</h1>${paragraph(what)}${next === undefined ? '' : paragraph(next)}` +
      `${link === undefined ? '' : `<p><a href="${escapeHtml(link)}">Sign in</a></p>`}</main>`,
  );
}

const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;

function wordsFor({ status, code, message }: Problem, signIn: string | undefined): Words {
  if (status === 401)
    return {
      title: 'You are not signed in',
      what: 'Only people who are signed in to the application can see this page.',
      ...(signIn === undefined
        ? { next: 'Sign in to the application, then load this page again.' }
        : { link: signIn }),
    };
  const said = SAYS_NOTHING.has(message) ? undefined : message;
  if (status === 403 && code === 'forbidden')
    return {
      title: 'You have no access',
      what: said ?? 'The application does not let you see this page.',
      next: 'If you need access, ask the people who run the application.',
    };
  if (status === 404) return { title: 'Not found', what: said ?? 'There is nothing at this address.' };
  return { title: titleOf(status), what: message };
}

/** Messages of Nest for a refusal without a reason of the host's own. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['Forbidden', 'Forbidden resource', 'Not Found']);
