import { Body, Delete, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post } from '@nestjs/common';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { CreateClientDto, UpdateClientDto } from './client.dto.js';
import type { Client } from './client.entity.js';
import { ClientService } from './client.service.js';

@TenantController('clients')
export class ClientsController {
  constructor(private readonly clients: ClientService) {}

  @Get()
  list(@TenantId() tenantId: string): Promise<Client[]> {
    return this.clients.list(tenantId);
  }

  @Get(':id')
  get(@TenantId() tenantId: string, @Param('id', ParseUUIDPipe) id: string): Promise<Client> {
    return this.clients.get(tenantId, id);
  }

  @Post()
  create(@TenantId() tenantId: string, @Body() body: CreateClientDto): Promise<Client> {
    return this.clients.create(tenantId, body);
  }

  @Patch(':id')
  update(
    @TenantId() tenantId: string,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: UpdateClientDto,
  ): Promise<Client> {
    return this.clients.update(tenantId, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@TenantId() tenantId: string, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return this.clients.delete(tenantId, id);
  }
}
