import { type ArgumentsHost, Catch, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type Problem, titleOf } from '../http/problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { send } from '../http/reply.js';
import { headerOf, type HttpRequest } from '../http/request.js';
import { PAGE_SETTINGS, type PageSettings } from './page.settings.js';
import { problemPage } from './shell.js';

/** Shows a person in a browser what is wrong and where to sign in. A program gets a problem, as from the API. */
@Injectable()
@Catch()
export class PageProblemFilter extends ProblemFilter {
  constructor(
    adapterHost: HttpAdapterHost,
    @Inject(PAGE_SETTINGS) private readonly settings: PageSettings,
  ) {
    super(adapterHost);
  }

  protected override refuse(problem: Problem, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const asked = headerOf(http.getRequest<HttpRequest>(), 'accept');
    if (!asked?.includes('text/html')) return super.refuse(problem, host);
    const { status, message, more } = problem;
    const { policy, links } = this.settings;
    const away = status === 401;
    const body = problemPage(away ? 'Sign in' : titleOf(status), message, away ? links.signIn : undefined);
    const content = { body, type: 'text/html; charset=utf-8' };
    return send(this.adapterHost.httpAdapter, http.getResponse<object>(), status, content, {
      'Cache-Control': 'no-store',
      'Content-Security-Policy': policy,
      ...more.headers,
    });
  }
}
