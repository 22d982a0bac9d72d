import { register } from 'node:module';

/** Loaded before a program with `node -r`: it finds no graphile-worker, as where that was never installed. */
const HOOKS = `export async function resolve(specifier, context, next) {
  if (specifier !== 'graphile-worker') return next(specifier, context);
  throw Object.assign(new Error("Cannot find package 'graphile-worker'"), { code: 'ERR_MODULE_NOT_FOUND' });
}`;

register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
