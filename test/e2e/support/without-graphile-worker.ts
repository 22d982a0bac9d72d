import { register } from 'node:module';

/** `node -r` loads this before a program, which then finds no graphile-worker, as if that was never installed. */
const HOOKS = `export async function resolve(specifier, context, next) {
  if (specifier !== 'graphile-worker') return next(specifier, context);
  throw Object.assign(new Error("Cannot find package 'graphile-worker'"), { code: 'ERR_MODULE_NOT_FOUND' });
}`;

register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
