import { Injectable } from '@nestjs/common';
import { isRecord } from '../../common/json.js';
import { VariableService } from '../../variables/variable.service.js';
import { Reply } from '../http/reply.js';
import { type Call, Route } from '../http/route.js';
import { AdminController } from './admin.controller.js';
import { needIfMatch } from './if-match.js';
import { unlessVariableChanged, variableConditionOf } from './variable-condition.js';
import {
  DeletedVariables,
  SetVariableBody,
  SetVariablesBody,
  Variable,
  Variables,
  VariableVersions,
} from './variables.dto.js';

const VARIABLE_NAME = { name: 'Its name.' };
const VARIABLE_ETAG = { ETag: 'Version of the variable, for If-Match.' };

const variableReply = (variable: { version: number }): Reply =>
  new Reply(variable, { ETag: `"${variable.version}"` });

/** A tenant's variables and their versions. */
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
    summary: 'Sets variables, all or none. Changes an existing one only if `baseVersions` has its version.',
    permission: 'write',
    body: SetVariablesBody,
    answer: Variables,
    problems: [409, 412],
  })
  async setVariables({ tenantId, body, by }: Call<unknown, SetVariablesBody>): Promise<object> {
    const { values, baseVersions } = body;
    // A variable without a version must be new, so that nobody overwrites a value that they have not read.
    const names = isRecord(values) ? Object.keys(values) : [];
    const unread = Object.fromEntries(names.map((name) => [name, 0]));
    const readable = baseVersions === undefined || isRecord(baseVersions);
    const condition = { baseVersions: readable ? { ...unread, ...baseVersions } : baseVersions };
    const change = this.variables.setMany(tenantId, values, by, condition);
    return { items: await unlessVariableChanged(change) };
  }

  @Route('GET deleted-variables', {
    summary: 'The variables that were deleted and whose versions are kept, the last deleted first.',
    permission: 'read',
    answer: DeletedVariables,
  })
  async listDeletedVariables({ tenantId }: Call): Promise<object> {
    return { items: await this.variables.listDeleted(tenantId) };
  }

  @Route('GET variables/:name', {
    summary: 'One variable.',
    permission: 'read',
    params: VARIABLE_NAME,
    answer: Variable,
    headers: VARIABLE_ETAG,
    problems: [404],
  })
  async getVariable({ tenantId, params }: Call): Promise<Reply> {
    return variableReply(await this.variables.get(tenantId, params.name ?? ''));
  }

  @Route('PATCH variables/:name', {
    summary: 'Changes the value of a variable. Requires If-Match.',
    permission: 'write',
    params: VARIABLE_NAME,
    body: SetVariableBody,
    ifMatch: 'needed',
    answer: Variable,
    headers: VARIABLE_ETAG,
    problems: [404, 409, 412, 428],
  })
  async setVariable({ tenantId, params, body, by, ifMatch }: Call<unknown, SetVariableBody>): Promise<Reply> {
    const name = params.name ?? '';
    // An unknown name is a mistake here: `PATCH variables` creates variables.
    await this.variables.get(tenantId, name);
    needIfMatch(ifMatch, 'variable');
    const change = this.variables.set(tenantId, name, body.value, by, variableConditionOf(ifMatch));
    return variableReply(await unlessVariableChanged(change));
  }

  @Route('DELETE variables/:name', {
    summary: 'Deletes a variable; what it was stays.',
    permission: 'write',
    params: VARIABLE_NAME,
    ifMatch: 'possible',
    problems: [404, 412],
  })
  deleteVariable({ tenantId, params, by, ifMatch }: Call): Promise<void> {
    const condition = variableConditionOf(ifMatch);
    return unlessVariableChanged(this.variables.delete(tenantId, params.name ?? '', by, condition));
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
