import { Body, Delete, Get, HttpCode, Param, ParseUUIDPipe, Patch, Post } from '@nestjs/common';
import { TenantController, TenantId } from '../../tenancy/tenant.decorators.js';
import { CreateUserDto, UpdateUserDto } from './user.dto.js';
import type { User } from './user.entity.js';
import { UserService } from './user.service.js';

@TenantController('users')
export class UsersController {
  constructor(private readonly users: UserService) {}

  @Get()
  list(@TenantId() tenantId: string): Promise<User[]> {
    return this.users.list(tenantId);
  }

  @Post()
  create(@TenantId() tenantId: string, @Body() body: CreateUserDto): Promise<User> {
    return this.users.create(tenantId, body);
  }

  @Patch(':id')
  update(
    @TenantId() tenantId: string,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: UpdateUserDto,
  ): Promise<User> {
    return this.users.update(tenantId, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  delete(@TenantId() tenantId: string, @Param('id', ParseUUIDPipe) id: string): Promise<void> {
    return this.users.delete(tenantId, id);
  }
}
