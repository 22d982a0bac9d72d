declare module '*.css';

/** The built programs of workers, by the first part of their names: see `.ci/build-page.mjs`. */
declare const PAGE_WORKERS: Readonly<Record<string, string>>;
