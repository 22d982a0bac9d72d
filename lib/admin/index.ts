export { ScriptsEventAdminModule } from './scripts-event-admin.module.js';
export { ADMIN_PERMISSIONS } from './admin.options.js';
export type {
  AdminAccess,
  AdminCsp,
  AdminDataKind,
  AdminLinks,
  AdminModuleAsyncOptions,
  AdminModuleOptions,
  AdminPermission,
  AdminPlacement,
  AdminRedact,
  AdminSession,
  AdminSettings,
} from './admin.options.js';
export { AdminAccessError, AdminModuleMissingError, AdminOptionsError } from './admin.errors.js';
