/** Helpers for the tests of applications that use this package. They work with any test runner. */
export { Clock, SystemClock } from '../common/clock.js';
export type { AppReference } from './app-reference.js';
export type { EventBufferCheck, EventBufferFixture } from './buffer-checks.js';
export { durableEventBufferContract } from './durable-event-buffer.contract.js';
export type { DurableEventBufferFixture } from './durable-event-buffer.contract.js';
export { eventBufferContract } from './event-buffer.contract.js';
export { ExecutionSpy } from './execution.spy.js';
export type { ExecutionCondition, SpiedExecution, SpiedExecutions } from './spied-execution.js';
export { FakeClock } from './fake.clock.js';
export type { Moment } from './fake.clock.js';
export { retryNow } from './retry-now.js';
export type { RetrySummary } from './retry-now.js';
export { FakeClockError, WaitConditionError, WaitTimeoutError } from './testing.errors.js';
export { waitUntilIdle } from './wait-until-idle.js';
