import type { ModulesContainer } from '@nestjs/core';

/**
 * True if the host provides a different class of the same name, which comes from a second copy of its package: one in a
 * bundle, or in another `node_modules` folder. Nest finds providers by the class itself, so it can't find that copy's
 * provider for this package.
 */
export const isAnotherCopyProvided = (modules: ModulesContainer, { name }: { name: string }): boolean =>
  [...modules.values()].some(({ providers }) =>
    [...providers.keys()].some((token) => typeof token === 'function' && token.name === name),
  );
