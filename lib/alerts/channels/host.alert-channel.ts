import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { AlertChannel, type DeadLetterAlert, type ScriptAlert } from '../alert.channel.js';
import type { DeadLetterEntry } from '../../dead-letter/dead-letter.types.js';

/** A channel that the host named by its class. It is looked up among the host's providers when it is first needed. */
export class HostAlertChannel extends AlertChannel {
  constructor(
    private readonly type: Type<AlertChannel>,
    private readonly modules: ModuleRef,
  ) {
    super();
  }

  override get name(): string {
    return this.type.name;
  }

  async send(alert: DeadLetterAlert, deadLetter: DeadLetterEntry): Promise<void> {
    await this.channel.send(alert, deadLetter);
  }

  override async sendScriptAlert(alert: ScriptAlert): Promise<void> {
    await this.channel.sendScriptAlert(alert);
  }

  private get channel(): AlertChannel {
    return this.modules.get(this.type, { strict: false });
  }
}
