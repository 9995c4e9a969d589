import { type Config, type ConfigReading, noConfig, readConfig } from '../compiler/configuration/config.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { folderOf, isBelow } from './uris.ts';

/** What holds for a file: the nearest polc.config.yaml above it. */
export interface Project {
  readonly config: Config;
  /** The configuration's path; undefined where there is none. */
  readonly path: string | undefined;
  /** The folder that references may not leave: the configuration's, or else the client's, or else the file's own. */
  readonly folder: string;
  /** Every path where a configuration was looked for. */
  readonly looked: readonly string[];
  /** What is wrong with the configuration. */
  readonly diagnostics: readonly Diagnostic[];
}

const names = ['polc.config.yaml', 'polc.config.yml'];

/** What it takes to look for configurations. */
export interface Disk {
  read(path: string): Uint8Array | string | undefined;
  exists(path: string): boolean;
  /** Whether somebody tells of changes of this file. */
  isWatched(path: string): boolean;
  isForeign(path: string): boolean;
}

/** The configurations of all folders; unsaved ones count as they are in the editor. */
export class Configurations {
  readonly #disk: Disk;
  readonly #folders: () => readonly string[];
  /** By the folder of a file. */
  readonly #projects = new Map<string, Project>();
  readonly #readings = new Map<string, { readonly content: Uint8Array | string; readonly reading: ConfigReading }>();

  /** @param folders those that the client has open */
  constructor(disk: Disk, folders: () => readonly string[]) {
    this.#disk = disk;
    this.#folders = folders;
  }

  projectOf(path: string): Project {
    const folder = folderOf(path);
    let project = this.#projects.get(folder);
    if (project === undefined) {
      project = this.#find(folder);
      this.#projects.set(folder, project);
    }
    return project;
  }

  /** The dialect that a glob of the configuration names. */
  dialectOf(path: string): string | undefined {
    const { config, path: configuration, folder } = this.projectOf(path);
    return configuration === undefined || !isBelow(path, folder)
      ? undefined
      : config.dialectOf(path.slice(folder.length + 1));
  }

  isConfiguration(path: string): boolean {
    return names.includes(path.slice(path.lastIndexOf('/') + 1));
  }

  /** Looks again, for the files of a folder, at what may have changed unseen; gives whether another configuration holds now. */
  refresh(path: string): boolean {
    const folder = folderOf(path);
    const known = this.#projects.get(folder);
    if (known?.looked.every((each) => this.#disk.isWatched(each)) !== false) return false;
    const now = this.#find(folder);
    if (now.path === known.path && now.config === known.config && now.folder === known.folder) return false;
    this.forget();
    return true;
  }

  forget(): void {
    this.#projects.clear();
    this.#readings.clear();
  }

  /**
   * Up to the client's folder; where the file is in none of them, up to the folder that holds a `.git`, as the command
   * line does.
   */
  #find(from: string): Project {
    const folders = this.#folders().filter((each) => from === each || isBelow(from, each));
    const end = folders.sort((left, right) => left.length - right.length)[0];
    const own = folders.at(-1) ?? from;
    const looked: string[] = [];
    for (let folder = from; folder !== ''; folder = folderOf(folder)) {
      for (const name of names) {
        const path = `${folder}/${name}`;
        looked.push(path);
        const content = this.#disk.read(path);
        if (content === undefined || (folder !== from && this.#disk.isForeign(path))) continue;
        const { config, diagnostics } = this.#reading(path, content);
        return { config, path, folder, looked, diagnostics };
      }
      if (folder === end) break;
      if (end === undefined && this.#disk.exists(`${folder}/.git`)) break;
    }
    return { config: noConfig, path: undefined, folder: own, looked, diagnostics: [] };
  }

  #reading(path: string, content: Uint8Array | string): ConfigReading {
    const known = this.#readings.get(path);
    if (known !== undefined && areSame(known.content, content)) return known.reading;
    const reading = readConfig(path, content);
    this.#readings.set(path, { content, reading });
    return reading;
  }
}

function areSame(left: Uint8Array | string, right: Uint8Array | string): boolean {
  if (typeof left === 'string' || typeof right === 'string') return left === right;
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
