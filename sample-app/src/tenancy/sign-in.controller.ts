import { Body, Controller, Get, Header, Post, Redirect, Res } from '@nestjs/common';
import { documentOf } from './document.js';
import { isPerson, PEOPLE, USER_COOKIE } from './people.js';

const BUTTONS = Object.entries(PEOPLE)
  .map(
    ([id, { name, role }]) =>
      `<p><button name="as" value="${id}"><strong>${name}</strong><br>${role}</button></p>`,
  )
  .join('');

const PAGE = documentOf('Who are you?', `<form method="post">${BUTTONS}</form>`);

/** Stands in for the sign-in of a product: a visitor chooses a person, without a password. */
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
