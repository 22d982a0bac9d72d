import { Body, Param, Post, Put } from '@nestjs/common';
import { SecretService, VariableService, type SecretSummary, type Variable } from 'nestjs-scripts-event';
import { ActorId, TenantController, TenantId } from '../tenancy/tenant.decorators.js';
import { CreateSecretDto, SetVariableDto } from './dto/values.dto.js';

/** What a tenant's scripts need beside an event. No answer has the value of a secret. */
@TenantController('')
export class ValuesController {
  constructor(
    private readonly secrets: SecretService,
    private readonly variables: VariableService,
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
}
