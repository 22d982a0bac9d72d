import { Inject, Injectable } from '@nestjs/common';
import { Route } from '../http/route.js';
import { AdminController } from './admin.controller.js';

/** The description of the API, as one document. */
export const API_DESCRIPTION = Symbol('scripts-event:admin-description');

/** Serves the description of the API. */
@Injectable()
export class DescriptionController extends AdminController {
  constructor(@Inject(API_DESCRIPTION) private readonly description: object) {
    super();
  }

  @Route('GET openapi.json', {
    summary: 'This description, OpenAPI 3.1.',
    tenant: false,
    answer: { json: 'OpenAPI 3.1' },
  })
  getDescription(): object {
    return this.description;
  }
}
