import { Injectable, Logger } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { isUUID } from 'class-validator';
import { HOST_EVENTS, type ScriptEvent } from 'nestjs-scripts-event';
import { ClientService } from './client.service.js';

/** Event type that a tenant's script publishes when it finds an important client. */
const VIP_CLIENT_FOUND = 'crm.vip_client_found';

/** Marks a client as important when a tenant's script publishes that. It shows how a script changes the application. */
@Injectable()
export class VipClientListener {
  private readonly logger = new Logger(VipClientListener.name);

  constructor(private readonly clients: ClientService) {}

  @OnEvent(HOST_EVENTS.scriptEvent)
  async onScriptEvent({ type, tenantId, payload }: ScriptEvent): Promise<void> {
    if (type !== VIP_CLIENT_FOUND) return;
    // The payload is a tenant's input like any other; the tenant comes from the package and can be trusted.
    if (!isUUID(payload.clientId)) return this.logger.warn(`${type} of tenant ${tenantId} names no client.`);
    await this.clients.markVip(tenantId, payload.clientId as string);
  }
}
