import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { AlertChannel } from '../../alerts/alert.channel.js';
import { EmitterAlertChannel, LogAlertChannel } from '../../alerts/channels/built-in-alert.channels.js';
import { HostAlertChannel } from '../../alerts/channels/host.alert-channel.js';
import { WebhookAlertChannel } from '../../alerts/channels/webhook.alert-channel.js';
import type { HostEventEmitter } from '../../events/host-event.emitter.js';
import type { ResolvedOptions } from '../../options/scripts-event.options.js';
import { findProvider } from './find-provider.js';

/** The channels of all alerts: always the log and the emitter, then those that the options name. */
export function alertChannels(
  { alerts }: ResolvedOptions,
  emitter: HostEventEmitter,
  modules: ModuleRef,
): AlertChannel[] {
  const channels: AlertChannel[] = [new LogAlertChannel(), new EmitterAlertChannel(emitter)];
  if (alerts.webhookUrl !== undefined) {
    const { webhookUrl: url, webhookHeaders: headers, webhookTimeoutMs: timeoutMs } = alerts;
    channels.push(new WebhookAlertChannel({ url, headers, timeoutMs }));
  }
  const { channel } = alerts;
  if (typeof channel === 'function') {
    const type = channel as Type<AlertChannel>;
    // A class that no module provides must fail at the start, not at the first alert.
    findProvider(modules, type, 'alerts.channel');
    channels.push(new HostAlertChannel(type, modules));
  } else if (channel !== undefined) channels.push(channel as AlertChannel);
  return channels;
}
