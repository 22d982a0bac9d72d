import { Injectable } from '@nestjs/common';
import { BindingRegistry } from '../../bindings/binding.registry.js';
import { EventRegistry } from '../../events/event-registry.js';
import { ScriptsEventHealth } from '../../health/scripts-event-health.js';
import { ScriptTypes } from '../../typings/script-types.service.js';
import { type Call, Route } from '../http/route.js';
import { AdminController } from './admin.controller.js';
import { AdminNode } from './admin.node.js';
import { Bindings, EventTypes, Health, Session, TypesQuery } from './application.dto.js';
import { SessionAnswer } from './session-answer.js';

/** Routes about the application and the session. */
@Injectable()
export class ApplicationController extends AdminController {
  constructor(
    private readonly events: EventRegistry,
    private readonly bindings: BindingRegistry,
    private readonly types: ScriptTypes,
    private readonly health: ScriptsEventHealth,
    private readonly session: SessionAnswer,
    private readonly node: AdminNode,
  ) {
    super();
  }

  @Route('GET session', {
    summary: 'The user of the session, with their tenants and permissions, and what the application offers.',
    tenant: false,
    answer: Session,
  })
  getSession({ session }: Call): object {
    return this.session.to(session);
  }

  @Route('GET event-types', {
    summary: 'The event types that scripts can listen to, without those that scripts publish.',
    permission: 'read',
    tenant: false,
    answer: EventTypes,
  })
  listEventTypes(): object {
    return { items: this.events.definitions() };
  }

  @Route('GET bindings', {
    summary: 'The functions of the host that scripts can call.',
    permission: 'read',
    tenant: false,
    answer: Bindings,
  })
  listBindings(): object {
    const items = this.bindings
      .list()
      .map(({ description = null, ...binding }) => ({ ...binding, description }));
    return { items };
  }

  @Route('GET types.d.ts', {
    summary:
      'TypeScript declarations of everything that scripts have in scope, for an editor. With the names of secrets and variables if a tenant is named, or the session has only one.',
    permission: 'read',
    tenant: 'optional',
    query: TypesQuery,
    answer: { text: 'TypeScript declarations' },
  })
  async getTypes({ query: { eventTypes, secrets }, tenantId }: Call<TypesQuery>): Promise<string> {
    const request = {
      ...(eventTypes === undefined ? {} : { eventTypes }),
      // A query can't hold an empty list.
      ...(secrets === undefined ? {} : { secrets: secrets.filter((name) => name !== '') }),
    };
    return tenantId === '' ? this.types.generate(request) : this.types.generateFor(tenantId, request);
  }

  @Route('GET health', {
    summary: 'The health of the responding process, part by part.',
    permission: 'operate',
    tenant: false,
    answer: Health,
  })
  async getHealth(): Promise<object> {
    return { node: this.node.id, ...(await this.health.check()) };
  }
}
