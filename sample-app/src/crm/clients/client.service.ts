import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { found, NEWEST } from '../../common/found.js';
import type { CreateClientDto, UpdateClientDto } from './client.dto.js';
import { Client } from './client.entity.js';

/** The tenant's customers. Emits `client.created`, `client.updated` and `client.deleted`. */
@Injectable()
export class ClientService {
  constructor(
    @InjectRepository(Client) private readonly clients: Repository<Client>,
    private readonly emitter: EventEmitter2,
  ) {}

  list(tenantId: string): Promise<Client[]> {
    return this.clients.find({ where: { tenantId }, ...NEWEST });
  }

  async get(tenantId: string, id: string): Promise<Client> {
    return found(await this.clients.findOneBy({ tenantId, id }), 'client', id);
  }

  async create(tenantId: string, fields: CreateClientDto): Promise<Client> {
    const client = await this.clients.save(this.clients.create({ tenantId, ...fields }));
    this.emit('client.created', client);
    return client;
  }

  async update(tenantId: string, id: string, change: UpdateClientDto): Promise<Client> {
    const client = await this.clients.save(this.clients.merge(await this.get(tenantId, id), change));
    this.emit('client.updated', client);
    return client;
  }

  async delete(tenantId: string, id: string): Promise<void> {
    const client = await this.get(tenantId, id);
    await this.clients.delete({ tenantId, id });
    this.emit('client.deleted', client);
  }

  /** Marks a client as important. Emits no event, because a script has asked for it. */
  async markVip(tenantId: string, id: string): Promise<void> {
    await this.clients.update({ tenantId, id }, { vip: true });
  }

  private emit(type: `client.${string}`, { tenantId, id, name, email }: Client): void {
    this.emitter.emit(type, { tenantId, clientId: id, name, email });
  }
}
