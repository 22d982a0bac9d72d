export { openTelemetryTracing } from './opentelemetry.tracing.js';
export type { OpenTelemetryTracingOptions } from './opentelemetry.tracing.js';
