import { AdminHost } from '../e2e/support/admin-host.js';
import { limitTests } from '../support/time-limits.js';
import { barriersOf, inBrowserInFull, Visitors } from './support/browser.js';

limitTests('long');

const LOOKS = [
  ['light', 390],
  ['dark', 390],
  ['light', 1_440],
  ['dark', 1_440],
] as const;

/** Background colours of the page. */
const GROUND = { light: 'rgb(246, 247, 249)', dark: 'rgb(15, 17, 23)' };

inBrowserInFull('a document that is shown instead of the page', () => {
  let linked: AdminHost;
  let plain: AdminHost;
  let atLinked: Visitors;
  let atPlain: Visitors;
  beforeAll(async () => {
    linked = await AdminHost.start({ busy: true, admin: { links: { signIn: '/login' } } });
    plain = await AdminHost.start({ adapter: 'Fastify' });
    atLinked = await Visitors.at(await linked.listen());
    atPlain = await Visitors.at(await plain.listen());
  });
  afterAll(async () => {
    for (const one of [atLinked, atPlain, linked, plain]) await one.close();
  });

  it.each(LOOKS)(
    'has the colours of the page and no accessibility barriers in the theme %s, %i pixels wide',
    async (theme, width) => {
      const visit = { theme, width };
      const away = await atLinked.open('/scripts', { ...visit, user: 'nobody' });
      const shutOut = await atLinked.open('/scripts', { ...visit, user: 'mallory' });
      const withoutLink = await atPlain.open('/scripts', { ...visit, user: 'nobody' });
      await away.getByRole('heading', { level: 1, name: 'You are not signed in' }).waitFor();
      expect(await away.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe('/login');
      await shutOut.getByRole('heading', { level: 1, name: 'You have no access' }).waitFor();
      await withoutLink.getByText('Sign in to the application, then load this page again.').waitFor();
      for (const page of [away, shutOut, withoutLink]) {
        expect(await barriersOf(page)).toEqual([]);
        const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
        const wider = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect({ ground, wider }).toEqual({ ground: GROUND[theme], wider: 0 });
      }
      await atLinked.leave([401, 403]);
      await atPlain.leave([401]);
    },
  );
});
