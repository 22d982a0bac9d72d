import { ValidateNested } from 'class-validator';
import type { Duration } from '../common/duration.js';
import { AlertOptions } from './alert.options.js';
import { BreakerOptions } from './breaker.options.js';
import { BufferOptions } from './buffer.options.js';
import { EventsOptions } from './events.options.js';
import { HealthOptions } from './health.options.js';
import { HttpOptions } from './http.options.js';
import { IndexOptions } from './index.options.js';
import { LimitsOptions } from './limits.options.js';
import { MetricsOptions } from './metrics.options.js';
import { DurationBetween } from './option.decorators.js';
import { RetentionOptions } from './retention.options.js';
import { RetryOptions } from './retry.options.js';
import { SandboxOptions } from './sandbox.options.js';
import { SchedulesOptions } from './schedules.options.js';
import { SecretsOptions } from './secrets.options.js';
import { StorageOptions } from './storage.options.js';
import { TracingOptions } from './tracing.options.js';

/**
 * Every option with its default; docs/options.md lists them with their environment variables.
 *
 * @publicApi
 */
export class ScriptsEventOptions {
  @ValidateNested()
  buffer = new BufferOptions();

  @ValidateNested()
  limits = new LimitsOptions();

  @ValidateNested()
  retry = new RetryOptions();

  @ValidateNested()
  sandbox = new SandboxOptions();

  @ValidateNested()
  schedules = new SchedulesOptions();

  @ValidateNested()
  breaker = new BreakerOptions();

  @ValidateNested()
  events = new EventsOptions();

  @ValidateNested()
  storage = new StorageOptions();

  @ValidateNested()
  alerts = new AlertOptions();

  @ValidateNested()
  retention = new RetentionOptions();

  @ValidateNested()
  health = new HealthOptions();

  @ValidateNested()
  http = new HttpOptions();

  @ValidateNested()
  secrets = new SecretsOptions();

  @ValidateNested()
  index = new IndexOptions();

  @ValidateNested()
  metrics = new MetricsOptions();

  @ValidateNested()
  tracing = new TracingOptions();

  /**
   * How long the whole stop may take. 0 to 1 hour, default 20 seconds, because Kubernetes kills after 30. Queued events
   * and running scripts get all of it except the last 7 seconds (half of it, if it is less than 14). The rest is for
   * storing what is left as dead letters. Keep it some seconds shorter than the platform's grace period, and seven
   * seconds longer than `sandbox.timeout`.
   */
  @DurationBetween('0ms', '1h')
  shutdownTimeout: Duration = '20s';
}

/** Names of the option groups. */
export type OptionGroup = Exclude<keyof ScriptsEventOptions, 'shutdownTimeout'>;

/**
 * The options of `ScriptsEventModule.forRoot`. All are optional: a missing option comes from its environment variable,
 * or else is the default.
 *
 * @publicApi
 */
export type ScriptsEventModuleOptions = { [Group in OptionGroup]?: Partial<ScriptsEventOptions[Group]> } & {
  shutdownTimeout?: Duration;
};

/**
 * A group after its check: durations are in milliseconds under names that end in `Ms`, with `Infinity` for `never`;
 * defaults that depend on other options are filled in.
 */
export type ResolvedGroup<Options> = {
  readonly [
    Name in keyof Options as Duration extends Options[Name] ? `${Name & string}Ms` : Name
  ]: Duration extends Options[Name]
    ? number
    : Name extends 'maxMemoryMb' | 'maxProcessMemoryMb' | 'keptMemoryMb' | 'maxProcesses'
      ? NonNullable<Options[Name]>
      : Options[Name];
};

/** Every option's value, filled in. */
export type ResolvedValues = {
  readonly [Group in OptionGroup]: ResolvedGroup<ScriptsEventOptions[Group]>;
} & {
  readonly shutdownTimeoutMs: number;
};

/** Every option, checked and filled in: what the rest of the package works with. */
export type ResolvedOptions = ResolvedValues & {
  /** Allowed but doubtful combinations, each a sentence to log at start. */
  readonly warnings: readonly string[];
};
