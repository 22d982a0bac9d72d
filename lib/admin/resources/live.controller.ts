import { Injectable } from '@nestjs/common';
import { Streamed } from '../http/reply.js';
import { type Call, Route } from '../http/route.js';
import { LiveStreams } from '../live/live-streams.js';
import { AdminController } from './admin.controller.js';

const EVENTS =
  'Server-sent events named `changed`, at most one a second. Their data is `{ "changed": ["scripts", "executions", ' +
  '"deadLetters"], "eventTypes": [] }`: what to read again, and the types of the events that came in.';

/** Tells clients when to read their lists again. */
@Injectable()
export class LiveController extends AdminController {
  constructor(private readonly streams: LiveStreams) {
    super();
  }

  @Route('GET live', {
    summary:
      'Reports for 5 minutes when something of the tenant changes, so that a client knows when to read its lists again.',
    permission: 'read',
    answer: { stream: EVENTS },
  })
  openLiveStream({ session, tenantId }: Call): Streamed {
    const place = this.streams.place(session.actor.id, tenantId);
    return new Streamed((response, headOnly) => place.begin(response, headOnly));
  }
}
