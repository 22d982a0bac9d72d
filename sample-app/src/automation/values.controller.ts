import { Body, Get, Param, Post, Put } from '@nestjs/common';
import {
  ScriptStoreService,
  SecretService,
  VariableService,
  type SecretSummary,
  type StoreEntry,
  type Variable,
} from 'nestjs-scripts-event';
import { ActorId, TenantController, TenantId } from '../tenancy/tenant.decorators.js';
import { CreateSecretDto, SetVariableDto } from './dto/values.dto.js';

/** A tenant's secrets, its variables, and the store of its scripts. No response contains the value of a secret. */
@TenantController('')
export class ValuesController {
  constructor(
    private readonly secrets: SecretService,
    private readonly variables: VariableService,
    private readonly store: ScriptStoreService,
  ) {}

  @Post('secrets')
  createSecret(
    @TenantId() tenantId: string,
    @Body() body: CreateSecretDto,
    @ActorId() by?: string,
  ): Promise<SecretSummary> {
    return this.secrets.create(tenantId, { ...body }, by);
  }

  @Put('variables/:name')
  setVariable(
    @TenantId() tenantId: string,
    @Param('name') name: string,
    @Body() { value }: SetVariableDto,
    @ActorId() by?: string,
  ): Promise<Variable> {
    return this.variables.set(tenantId, name, value, by);
  }

  /** The value of a key in the store that all scripts of the tenant share. */
  @Get('store/:key')
  getStored(@TenantId() tenantId: string, @Param('key') key: string): Promise<StoreEntry> {
    return this.store.get(tenantId, key);
  }
}
