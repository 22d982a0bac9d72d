export { ScriptsEventHealthIndicator } from './scripts-event.health-indicator.js';
