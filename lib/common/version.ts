/** This package's version, as in package.json: a bundle has the one and not the other. */
export const VERSION = '0.1.0';
