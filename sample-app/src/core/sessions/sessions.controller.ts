import { Body, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { CreateSessionDto } from './session.dto.js';
import type { Session } from './session.entity.js';
import { SessionService } from './session.service.js';

@TenantController('sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionService) {}

  @Post()
  create(@TenantId() tenantId: string, @Body() body: CreateSessionDto): Promise<Session> {
    return this.sessions.create(tenantId, body);
  }

  @Post(':id/expire')
  @HttpCode(200)
  expire(@TenantId() tenantId: string, @Param('id', ParseUUIDPipe) id: string): Promise<Session> {
    return this.sessions.expire(tenantId, id);
  }
}
