import type { ScriptEntity } from 'nestjs-scripts-event';
import type { DemoApp } from './demo-app.js';
import type { Memory } from './steps.js';
import type { TenantApi } from './tenant-api.js';
import type { Terminal } from './terminal.js';

/** One tenant of the demo: its access to the app, and the scripts that it has created. */
export interface Tenant {
  api: TenantApi;
  scripts: ScriptEntity[];
}

/** What the chapters of the demo share. */
export interface DemoContext {
  app: DemoApp;
  terminal: Terminal;
  acme: Tenant;
  globex: Tenant;
  memory: Memory;
}
