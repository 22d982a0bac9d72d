/**
 * An application in which the helpers find the package's services: a Nest application, a `TestingModule` or a
 * `ModuleRef`.
 *
 * @publicApi
 */
export interface AppReference {
  get<T>(token: new (...args: never[]) => T, options: { strict: boolean }): T;
}

/** A class that is its own injection token, abstract or not. */
type Token<T> = abstract new (...args: never[]) => T;

/** The service of an application, whichever module provides it. */
export const serviceOf = <T>(app: AppReference, token: Token<T>): T =>
  app.get(token as new (...args: never[]) => T, { strict: false });
