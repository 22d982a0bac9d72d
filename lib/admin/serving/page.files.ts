import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../common/errors.js';
import { AdminOptionsError } from '../admin.errors.js';

/** The manifest that the build writes, see `.ci/build-page.mjs`. */
interface PageManifest {
  /** The first script with its style, which together show the frame and the overview. */
  script: string;
  style: string;
  /** Files of the other screens: the one that contains them, then those that it imports besides the first script. */
  next: readonly [string, ...string[]];
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

/** The built page. Reads its assets by name, and no other file. */
export class PageFiles {
  private readonly names: ReadonlySet<string>;

  private constructor(
    readonly manifest: PageManifest,
    /** Texts of the first script and its style, as a document contains them. */
    readonly first: Readonly<Record<'script' | 'style', string>>,
    /** Text of the style of a document that is shown instead of the page. */
    readonly problemStyle: string,
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
      const folder = join(dirname(place), 'assets');
      const script = readFileSync(join(dirname(place), 'inline.js'), 'utf8');
      const style = readFileSync(join(folder, manifest.style), 'utf8');
      const problemStyle = readFileSync(join(dirname(place), 'problem.css'), 'utf8');
      return new PageFiles(manifest, { script, style }, problemStyle, folder);
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
    // The name comes from a request: only one that the manifest lists becomes a path.
    if (!this.names.has(name)) return undefined;
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    return { bytes: await readFile(join(this.folder, compressed ? `${name}.gz` : name)), type };
  }
}
