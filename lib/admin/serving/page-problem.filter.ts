import { type ArgumentsHost, Catch, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Problem } from '../http/problem.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { send } from '../http/reply.js';
import { headerOf, type HttpRequest } from '../http/request.js';
import { DOCUMENT_HEADERS } from './document.js';
import { PAGE_SETTINGS, type PageSettings } from './page.settings.js';
import { problemPage } from './problem-page.js';

/** Shows a person in a browser what is wrong and what to do. A program gets a problem, as from the API. */
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
    const { links, problem: document } = this.settings;
    const body = problemPage(problem, { signIn: links.signIn, style: document.style });
    const response = http.getResponse<object>();
    return send(
      this.adapterHost.httpAdapter,
      response,
      problem.status,
      { body, type: 'text/html; charset=utf-8' },
      {
        ...DOCUMENT_HEADERS,
        'Content-Security-Policy': document.policy,
        ...this.headersOf(problem, response),
      },
    );
  }
}
