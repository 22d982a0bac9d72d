import { Injectable } from '@nestjs/common';
import { ScriptService } from '../../scripts/script.service.js';
import { SecretService } from '../../secrets/secret.service.js';
import { Reply } from '../http/reply.js';
import { type Call, Route } from '../http/route.js';
import { AdminController } from './admin.controller.js';
import { CreateSecretBody, Secret, Secrets, UpdateSecretBody } from './secrets.dto.js';

const SECRET_NAME = { name: 'Its name.' };

/** A tenant's secrets. No response contains a value. */
@Injectable()
export class SecretsController extends AdminController {
  constructor(
    private readonly secrets: SecretService,
    private readonly scripts: ScriptService,
  ) {
    super();
  }

  @Route('GET secrets', {
    summary: "The tenant's secrets without their values. 409 while secrets are off.",
    permission: 'read',
    answer: Secrets,
    problems: [409],
  })
  async listSecrets({ tenantId }: Call): Promise<object> {
    const [secrets, used] = await Promise.all([
      this.secrets.list(tenantId),
      this.scripts.countBySecret(tenantId),
    ]);
    return { items: secrets.map((secret) => ({ ...secret, scripts: used.get(secret.name) ?? 0 })) };
  }

  @Route('POST secrets', {
    summary: 'Creates a secret.',
    permission: 'write',
    body: CreateSecretBody,
    status: 201,
    answer: Secret,
    headers: { Location: 'Path of the secret.' },
    problems: [409],
  })
  async createSecret({ tenantId, body, by }: Call<unknown, CreateSecretBody>): Promise<Reply> {
    const secret = await this.secrets.create(tenantId, body, by);
    return new Reply(secret, { Location: `secrets/${secret.name}` });
  }

  @Route('GET secrets/:name', {
    summary: 'One secret without its value.',
    permission: 'read',
    params: SECRET_NAME,
    answer: Secret,
    problems: [404, 409],
  })
  getSecret({ tenantId, params }: Call): Promise<object> {
    return this.secrets.get(tenantId, params.name ?? '');
  }

  @Route('PATCH secrets/:name', {
    summary: 'Changes the given fields. Runs that have begun keep the old value.',
    permission: 'write',
    params: SECRET_NAME,
    body: UpdateSecretBody,
    answer: Secret,
    problems: [404, 409],
  })
  updateSecret({ tenantId, params, body, by }: Call<unknown, UpdateSecretBody>): Promise<object> {
    return this.secrets.update(tenantId, params.name ?? '', body, by);
  }

  @Route('DELETE secrets/:name', {
    summary: 'Deletes a secret. Scripts that list it fail when they use it.',
    permission: 'write',
    params: SECRET_NAME,
    problems: [404, 409],
  })
  deleteSecret({ tenantId, params, by }: Call): Promise<void> {
    return this.secrets.delete(tenantId, params.name ?? '', by);
  }
}
