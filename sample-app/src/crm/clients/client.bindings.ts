import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsUUID } from 'class-validator';
import { type BindingContext, ScriptBinding } from 'nestjs-scripts-event';
import type { Repository } from 'typeorm';
import { Client } from './client.entity.js';

export class FindClient {
  @IsUUID()
  clientId!: string;
}

/** What scripts see of a client. */
export class ClientView {
  clientId!: string;
  name!: string;
  email!: string;
  vip!: boolean;
}

/** What scripts may ask about clients, each of its own tenant only. */
@Injectable()
export class ClientBindings {
  constructor(@InjectRepository(Client) private readonly clients: Repository<Client>) {}

  @ScriptBinding('crm.findClient', {
    input: FindClient,
    result: ClientView,
    timeoutMs: 2_000,
    description: 'A client by its id, or null when there is none',
  })
  async findClient({ clientId }: FindClient, { tenantId }: BindingContext): Promise<ClientView | null> {
    const client = await this.clients.findOneBy({ tenantId, id: clientId });
    return client && { clientId: client.id, name: client.name, email: client.email, vip: client.vip };
  }
}
