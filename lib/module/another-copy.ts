import type { ModulesContainer } from '@nestjs/core';

/**
 * Whether the host provides a class of this name that is another one: of a second copy of its package, in a bundle or in
 * another `node_modules` folder. Nest finds providers by the class itself, so that copy's do not exist for this one.
 */
export const isAnotherCopyProvided = (modules: ModulesContainer, { name }: { name: string }): boolean =>
  [...modules.values()].some(({ providers }) =>
    [...providers.keys()].some((token) => typeof token === 'function' && token.name === name),
  );
