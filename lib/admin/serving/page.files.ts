import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../common/errors.js';
import { AdminOptionsError } from '../admin.errors.js';

/** The manifest that the build writes, see `.ci/build-page.mjs`. */
interface PageManifest {
  /** What the shell loads immediately: the entry, its style, and what the entry imports. */
  script: string;
  style: string;
  parts: readonly string[];
  /** All assets. */
  files: readonly string[];
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** An asset, ready to be sent. */
interface Asset {
  bytes: Buffer;
  type: string;
}

/** The built page: its assets by name, and no other file. */
export class PageFiles {
  private readonly names: ReadonlySet<string>;

  private constructor(
    readonly manifest: PageManifest,
    private readonly folder: string,
  ) {
    this.names = new Set(manifest.files);
  }

  /**
   * @param place the manifest of the build
   * @throws AdminOptionsError if there is no page, for example beside a bundle that contains the package
   */
  static read(place: string): PageFiles {
    try {
      const manifest = JSON.parse(readFileSync(place, 'utf8')) as PageManifest;
      return new PageFiles(manifest, join(dirname(place), 'assets'));
    } catch (error) {
      throw new AdminOptionsError(
        'page',
        `is on, but the files of the page are not at ${place} (${messageOf(error)}): install nestjs-scripts-event ` +
          'beside the bundle, see docs/bundling.md, or set page: false',
      );
    }
  }

  /** An asset; undefined if the build has none with this name. */
  async asset(name: string, compressed: boolean): Promise<Asset | undefined> {
    // Only names of the build's own: what comes from outside never becomes a path.
    if (!this.names.has(name)) return undefined;
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    return { bytes: await readFile(join(this.folder, compressed ? `${name}.gz` : name)), type };
  }
}
