import {
  type CanActivate,
  Controller,
  type Type,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { AccessGuard } from './access/access.guard.js';
import { openApiDocument } from './http/openapi.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ActivityController } from './resources/activity.controller.js';
import { ApplicationController } from './resources/application.controller.js';
import { DeadLettersController } from './resources/dead-letters.controller.js';
import { DescriptionController } from './resources/description.controller.js';
import { ExecutionsController } from './resources/executions.controller.js';
import { LiveController } from './resources/live.controller.js';
import { SchedulesController } from './resources/schedules.controller.js';
import { ScriptStatesController } from './resources/script-states.controller.js';
import { ScriptsController } from './resources/scripts.controller.js';
import { SecretsController } from './resources/secrets.controller.js';
import { StoreController } from './resources/store.controller.js';
import { VariablesController } from './resources/variables.controller.js';
import { TestRunsController } from './resources/test-runs.controller.js';
import { UnknownController } from './resources/unknown.controller.js';
import { PageController } from './serving/page.controller.js';
import { PageProblemFilter } from './serving/page-problem.filter.js';

type Guards = readonly (Type<CanActivate> | CanActivate)[];

/** The controllers of the API, without a path. */
const CONTROLLERS = [
  ApplicationController,
  DescriptionController,
  ScriptsController,
  ScriptStatesController,
  SchedulesController,
  // Before `executions/:id`.
  ActivityController,
  ExecutionsController,
  DeadLettersController,
  TestRunsController,
  SecretsController,
  VariablesController,
  StoreController,
  LiveController,
] as const;

/** The API as OpenAPI 3.1: the same for every application. */
export const apiDescription = (): Record<string, unknown> => openApiDocument(CONTROLLERS);

/**
 * The controllers at a path of the host, behind its guards. They are classes of their own, so that two modules of one
 * application have separate paths and guards. Guard and filter apply to them alone; global ones belong to the host.
 */
export const controllersAt = (path: string, guards: Guards): Type[] =>
  [...CONTROLLERS, UnknownController].map((controller) =>
    placed(controller as unknown as Type, `${path}/api`, guards, ProblemFilter),
  );

/** The controller of the page at a path of the host, in the same way. */
export const pageAt = (path: string, guards: Guards): Type =>
  placed(PageController as unknown as Type, path, guards, PageProblemFilter);

function placed(controller: Type, path: string, guards: Guards, filter: Type<ProblemFilter>): Type {
  const Placed = class extends controller {};
  Object.defineProperty(Placed, 'name', { value: `Admin${controller.name}` });
  UseGuards(...guards, AccessGuard)(Placed);
  UseFilters(filter)(Placed);
  // The path stays the same if the host versions its own routes.
  Controller({ path, version: VERSION_NEUTRAL })(Placed);
  return Placed;
}
