import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Get, Inject, Injectable, Req, Res } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { sessionOf } from '../access/admitted.js';
import { Problem } from '../http/problem.js';
import { send, sendFresh } from '../http/reply.js';
import { goneSignal, headerOf, type HttpRequest } from '../http/request.js';
import { declareRoute } from '../http/route.js';
import { Session } from '../resources/application.dto.js';
import { SessionAnswer } from '../resources/session-answer.js';
import { present } from '../schema/present.js';
import { DOCUMENT_HEADERS } from './document.js';
import { FirstAnswers } from './first-answers.js';
import { PageFiles } from './page.files.js';
import { hasScreen, PAGE_ROUTES, partsOf } from './page.routes.js';
import { PAGE_SETTINGS, type PageSettings } from './page.settings.js';
import { shellOf } from './shell.js';

/** A request with its whole address: `originalUrl` if there is one, because routers shorten `url`. */
interface PageRequest extends HttpRequest {
  url: string;
  originalUrl?: string;
}

/** Browsers keep assets for a year, because the name of an asset changes with its content. */
const ASSET_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'private, max-age=31536000, immutable',
};

/**
 * Serves the page's document at its addresses with this number of parts. They are listed one by one: on Express, a
 * wildcard would also take the API's addresses; on Fastify, a wildcard in a list prevents the start.
 */
function Shell(parts: number): MethodDecorator {
  const paths = PAGE_ROUTES.filter((path) => partsOf(path).length === parts);
  return served(paths, { summary: 'The page.', linked: true });
}

function served(paths: readonly string[], spec: { summary: string; linked?: true }): MethodDecorator {
  return (prototype, name, descriptor) => {
    Req()(prototype, name, 0);
    Res()(prototype, name, 1);
    Get([...paths])(prototype, name, descriptor);
    declareRoute(descriptor.value as object, {
      ...spec,
      method: 'GET',
      path: paths.join(' '),
      tenant: false,
    });
  };
}

/** Serves the page's document and assets. Writes the responses itself, as the routes of the API do. */
@Injectable()
export class PageController {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly files: PageFiles,
    private readonly session: SessionAnswer,
    private readonly answers: FirstAnswers,
    @Inject(PAGE_SETTINGS) private readonly settings: PageSettings,
  ) {}

  @Shell(0)
  mount(request: PageRequest, response: object): Promise<void> {
    return this.shell(request, response, 0, endsWithSlash(request) ? '' : `${this.settings.lastPart}/`);
  }

  @Shell(1)
  first(request: PageRequest, response: object): Promise<void> {
    return this.shell(request, response, 1);
  }

  @Shell(2)
  second(request: PageRequest, response: object): Promise<void> {
    return this.shell(request, response, 2);
  }

  @Shell(3)
  third(request: PageRequest, response: object): Promise<void> {
    return this.shell(request, response, 3);
  }

  @served(['assets/:name'], { summary: 'A file of the page.' })
  async asset(request: PageRequest, response: object): Promise<void> {
    const { name = '' } = (request.params ?? {}) as { name?: string };
    const compressed = acceptsGzip(headerOf(request, 'accept-encoding'));
    const asset = await this.files.asset(name, compressed);
    if (!asset) throw new Problem(404, 'asset-not-found', 'The page has no such file.');
    sendFresh(
      this.adapterHost.httpAdapter,
      request,
      response,
      { body: asset.bytes, type: asset.type },
      {
        ...ASSET_HEADERS,
        ETag: `"${name}${compressed ? '-gzip' : ''}"`,
        ...(compressed ? { 'Content-Encoding': 'gzip' } : {}),
      },
      'Accept-Encoding',
    );
  }

  /**
   * Sends the document to an address that has this number of parts below the mount.
   *
   * @throws Problem 404 if the page has no screen there
   */
  private async shell(
    request: PageRequest,
    response: object,
    count: number,
    up = wayUp(count, request),
  ): Promise<void> {
    const parts = count === 0 ? [] : partsOf(pathOf(request)).slice(-count);
    if (!hasScreen(parts)) throw new Problem(404, 'unknown-route', 'There is nothing at this address.');
    const isOverview = count === 0 || parts[0] === 'overview';
    const { policy, links, inlined } = this.settings;
    const session = sessionOf(request);
    const { tenant } = (request.query ?? {}) as { tenant?: unknown };
    const given = {
      links,
      session: present(Session, this.session.to(session)),
      answers: isOverview ? await this.answers.of(session, tenant, goneSignal(response)) : [],
    };
    const html = shellOf(this.files, up, given, inlined);
    const compressed = acceptsGzip(headerOf(request, 'accept-encoding'));
    const content = { body: compressed ? await gzipped(html) : html, type: 'text/html; charset=utf-8' };
    const headers = { ...DOCUMENT_HEADERS, 'Content-Security-Policy': policy };
    send(
      this.adapterHost.httpAdapter,
      response,
      200,
      content,
      compressed ? { ...headers, 'Content-Encoding': 'gzip' } : headers,
      'Cookie, Authorization, Accept-Encoding',
    );
  }
}

const gzipped = promisify(gzip);

const pathOf = ({ originalUrl, url }: PageRequest): string => (originalUrl ?? url).replace(/\?.*$/s, '');

const endsWithSlash = (request: PageRequest): boolean => pathOf(request).endsWith('/');

/** The relative path to the mount from an address that has this number of parts below it. */
const wayUp = (parts: number, request: PageRequest): string =>
  '../'.repeat(parts - (endsWithSlash(request) ? 0 : 1));

const acceptsGzip = (accepted: string | undefined): boolean =>
  accepted !== undefined && /(^|[\s,])gzip\s*(,|$|;(?!\s*q=0(\.0*)?\s*(,|$)))/i.test(accepted);
