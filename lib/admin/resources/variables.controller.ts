import { Injectable } from '@nestjs/common';
import { VariableService } from '../../variables/variable.service.js';
import { type Call, Route } from '../http/route.js';
import { AdminController } from './admin.controller.js';
import {
  DeleteVariableQuery,
  SetVariableBody,
  SetVariablesBody,
  Variable,
  Variables,
  VariableVersions,
} from './variables.dto.js';

const VARIABLE_NAME = { name: 'Its name.' };

/** A tenant's variables and what they were. */
@Injectable()
export class VariablesController extends AdminController {
  constructor(private readonly variables: VariableService) {
    super();
  }

  @Route('GET variables', {
    summary: "The tenant's variables with their values.",
    permission: 'read',
    answer: Variables,
  })
  async listVariables({ tenantId }: Call): Promise<object> {
    return { items: await this.variables.list(tenantId) };
  }

  @Route('PATCH variables', {
    summary: 'Sets variables, new or not: all of them or none.',
    permission: 'write',
    body: SetVariablesBody,
    answer: Variables,
    problems: [409],
  })
  async setVariables({ tenantId, body, by }: Call<unknown, SetVariablesBody>): Promise<object> {
    return { items: await this.variables.setMany(tenantId, body.values, by) };
  }

  @Route('GET variables/:name', {
    summary: 'One variable.',
    permission: 'read',
    params: VARIABLE_NAME,
    answer: Variable,
    problems: [404],
  })
  getVariable({ tenantId, params }: Call): Promise<object> {
    return this.variables.get(tenantId, params.name ?? '');
  }

  @Route('PATCH variables/:name', {
    summary: 'Changes the value of a variable.',
    permission: 'write',
    params: VARIABLE_NAME,
    body: SetVariableBody,
    answer: Variable,
    problems: [404, 409],
  })
  async setVariable({ tenantId, params, body, by }: Call<unknown, SetVariableBody>): Promise<object> {
    const name = params.name ?? '';
    // A name that is none is a mistake here: `PATCH variables` makes new ones.
    await this.variables.get(tenantId, name);
    const { value, ...condition } = body;
    return this.variables.set(tenantId, name, value, by, condition);
  }

  @Route('DELETE variables/:name', {
    summary: 'Deletes a variable; what it was stays.',
    permission: 'write',
    params: VARIABLE_NAME,
    query: DeleteVariableQuery,
    problems: [404, 409],
  })
  deleteVariable({ tenantId, params, query, by }: Call<DeleteVariableQuery>): Promise<void> {
    return this.variables.delete(tenantId, params.name ?? '', by, query);
  }

  @Route('GET variables/:name/versions', {
    summary: 'What a variable was and who changed it, newest first.',
    permission: 'read',
    params: VARIABLE_NAME,
    answer: VariableVersions,
    problems: [404],
  })
  async listVariableVersions({ tenantId, params }: Call): Promise<object> {
    return { items: await this.variables.listVersions(tenantId, params.name ?? '') };
  }
}
