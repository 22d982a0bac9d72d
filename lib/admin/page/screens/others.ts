/** The screens besides the overview, in one file that loads after it. */
export { Scripts } from './scripts';
export { Script } from './script';
export { Executions } from './executions';
export { Execution } from './execution';
export { EventScreen } from './event';
export { Failures } from './failures';
export { DeadLetters } from './dead-letters';
export { DeadLetter } from './dead-letter';
export { Tenants } from './tenants';
