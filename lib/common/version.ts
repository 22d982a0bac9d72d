/** This package's version. Repeats package.json, which a bundle doesn't contain. */
export const VERSION = '0.1.0';
