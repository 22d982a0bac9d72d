import { Injectable } from '@nestjs/common';
import { ScheduleService } from '../../schedules/schedule.service.js';
import type { ScheduleFields } from '../../scripts/script.types.js';
import { type Call, Route } from '../http/route.js';
import { AdminController } from './admin.controller.js';
import { PreviewSchedulesBody, SchedulePreview, ScheduleStates } from './schedules.dto.js';
import { SCRIPT_ID, scriptIdOf } from './script-reply.js';

/** The schedules of scripts. */
@Injectable()
export class SchedulesController extends AdminController {
  constructor(private readonly schedules: ScheduleService) {
    super();
  }

  @Route('GET scripts/:id/schedules', {
    summary: 'The schedules of a script, each with its next five times and its last one.',
    permission: 'read',
    params: SCRIPT_ID,
    answer: ScheduleStates,
    problems: [404],
  })
  async listSchedules({ tenantId, params }: Call): Promise<object> {
    return { items: await this.schedules.list(tenantId, scriptIdOf(params)) };
  }

  @Route('POST schedules/preview', {
    summary: 'The next five times of schedules that are not saved. Refuses what could not be saved.',
    permission: 'read',
    body: PreviewSchedulesBody,
    status: 200,
    answer: SchedulePreview,
  })
  async previewSchedules({ body }: Call<unknown, PreviewSchedulesBody>): Promise<object> {
    return { items: this.schedules.preview(body.schedules as ScheduleFields[]) };
  }
}
