import { Body, Controller, Get, Header, Post, Redirect, Res } from '@nestjs/common';

/** Cookie of who has signed in. */
export const USER_COOKIE = 'sample-user';

/** People of the sample, by the name that the cookie holds. */
export const PEOPLE = {
  ada: {
    name: 'Ada',
    role: 'administrator of acme',
    tenants: ['acme'],
    permissions: ['read', 'data', 'write', 'operate'],
  },
  rita: {
    name: 'Rita',
    role: 'reads the scripts of acme, without their data',
    tenants: ['acme'],
    permissions: ['read'],
  },
  olga: {
    name: 'Olga',
    role: 'operator of all tenants, sees no data',
    tenants: 'all',
    permissions: ['read', 'operate'],
  },
} as const;

export type Person = keyof typeof PEOPLE;

export const isPerson = (value: unknown): value is Person =>
  typeof value === 'string' && Object.hasOwn(PEOPLE, value);

const BUTTONS = Object.entries(PEOPLE)
  .map(
    ([id, { name, role }]) =>
      `<p><button name="as" value="${id}"><strong>${name}</strong><br>${role}</button></p>`,
  )
  .join('');

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:28rem;margin:12vh auto;padding:0 1rem}
button{font:inherit;width:100%;padding:.7rem 1rem;text-align:start;cursor:pointer}</style>
<h1>Who are you?</h1><form method="post">${BUTTONS}</form></html>`;

/** Stands for the sign-in of a product: whoever comes says who they are. */
@Controller('sign-in')
export class SignInController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  show(): string {
    return PAGE;
  }

  @Post()
  @Redirect('/scripts-event/overview', 303)
  signIn(
    @Body() body: { as?: unknown },
    @Res({ passthrough: true }) response: { setHeader: (name: string, value: string) => void },
  ): void {
    if (isPerson(body.as))
      response.setHeader('set-cookie', `${USER_COOKIE}=${body.as}; Path=/; HttpOnly; SameSite=Lax`);
  }
}
