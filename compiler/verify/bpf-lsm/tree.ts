import { fieldPlace, type Kernel, structureSpace } from './kernel.ts';
import type { Wide } from './machine.ts';

/** A structure in the kernel's memory. */
export interface Placed {
  readonly address: Wide;
  readonly view: DataView;
}

/** Where a path was put, and what a program can then know of it. */
export interface PlacedPath {
  readonly dentry: Placed;
  readonly parent: Placed;
  /** The address of the `struct vfsmount`; undefined where the pointer to it leads nowhere. */
  readonly mount: Wide | undefined;
  readonly path: string | undefined;
  /** The same, where it does not matter that the file was removed. */
  readonly place: string | undefined;
  readonly name: string | undefined;
  readonly parentName: string;
}

/** How a path is laid out. */
export interface PathShape {
  /** Different numbers have mounts at different folders, and make a path unknown in different ways. */
  readonly variety: number;
  /** The name lies in the mount of its folder, which another path shares: no folder on the way is a mount. */
  readonly plain: boolean;
  /** The path ends with a dentry of the folder's own mount. */
  readonly inFolder: boolean;
}

/** Of names NAME_MAX, of components and of the whole what docs/bpf-lsm.md says. */
const longest = { name: 255, components: 64, path: 4095 };

const encoder = new TextEncoder();

/**
 * Folders and mounts as far as programs walk them up. The process's root is a folder in a mount, so that a walk that goes
 * past it comes to something else.
 */
export class Tree {
  readonly #kernel: Kernel;
  readonly #rootDentry: Placed;
  readonly #rootMount: Placed;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const top = this.#dentry('/', undefined);
    this.#rootMount = this.#mount(top, undefined);
    this.#rootDentry = this.#dentry('jail', top);
    const fs = this.#make('fs_struct');
    set(fs, 'fs_struct', ['root', 'dentry'], this.#rootDentry.address);
    set(fs, 'fs_struct', ['root', 'mnt'], this.#visible(this.#rootMount));
    set({ address: fs.address, view: kernel.task() }, 'task_struct', ['fs'], fs.address);
  }

  /** Puts a path there; where it is undefined, one of which a program cannot know all. */
  place(path: string | undefined, { variety, plain, inFolder }: PathShape): PlacedPath {
    const unknown =
      path === undefined ? ['deep', 'long', 'removed', 'elsewhere', 'nowhere', 'internal'][variety % 6]! : '';
    const names =
      unknown === 'deep'
        ? Array.from({ length: longest.components + 1 }, () => 'd')
        : (path ?? '/a/b').split('/').filter((name) => name !== '');
    if (unknown === 'long') names[names.length - 1] = 'x'.repeat(300);
    const internal = unknown === 'internal' && !plain;
    const lost = internal || (unknown === 'elsewhere' && !plain);
    let mount = lost ? this.#mount(this.#dentry('/', undefined), undefined) : this.#rootMount;
    // MNT_NS_INTERNAL of fs/mount.h, which is an error number in the place of a pointer.
    if (internal) set(mount, 'mount', ['mnt_ns'], { low: -22, high: -1 });
    let dentry = lost ? this.#dentry('top', undefined) : this.#rootDentry;
    let parent = dentry;
    let name = lost ? 'top' : 'jail';
    let parentName = name;
    for (const [index, each] of names.entries()) {
      parent = dentry;
      parentName = name;
      dentry = this.#dentry(each, parent);
      name = each;
      const last = index === names.length - 1;
      if (plain || (last && inFolder) || (index * 7 + variety) % 3 !== 0) continue;
      const root = this.#dentry('/', undefined);
      mount = this.#mount(root, { mount, dentry });
      dentry = root;
      parent = root;
      name = '/';
      parentName = '/';
    }
    // A name that is not yet there is no file and in no table; one that was removed is a file.
    const isThere = variety % 2 === 0;
    if (isThere || unknown === 'removed') set(dentry, 'dentry', ['d_inode'], { low: 1, high: 1 });
    if (isThere && unknown !== 'removed') set(dentry, 'dentry', ['d_hash', 'pprev'], { low: 1, high: 1 });
    const whole = `/${names.join('/')}`;
    const fits =
      names.length <= longest.components &&
      names.every((each) => encoder.encode(each).length <= longest.name) &&
      encoder.encode(whole).length <= longest.path;
    const without = unknown === 'nowhere' && !plain;
    const place = internal ? '' : fits && !lost && !without ? whole : undefined;
    const isRoot = dentry === parent;
    return {
      dentry,
      parent,
      mount: without ? undefined : this.#visible(mount),
      path: internal || (unknown === 'removed' && !isRoot) ? undefined : place,
      place,
      name: encoder.encode(name).length <= longest.name ? name : undefined,
      parentName,
    };
  }

  #make(structure: string): Placed {
    return this.#kernel.allocate(structureSpace(structure));
  }

  /** One without a parent is its own. */
  #dentry(name: string, parent: Placed | undefined): Placed {
    const made = this.#make('dentry');
    set(made, 'dentry', ['d_parent'], (parent ?? made).address);
    set(made, 'dentry', ['d_name', 'name'], this.#kernel.allocate(encoder.encode(`${name}\0`)).address);
    return made;
  }

  #mount(root: Placed, on: { readonly mount: Placed; readonly dentry: Placed } | undefined): Placed {
    const made = this.#make('mount');
    set(made, 'mount', ['mnt', 'mnt_root'], root.address);
    set(made, 'mount', ['mnt_parent'], (on?.mount ?? made).address);
    set(made, 'mount', ['mnt_mountpoint'], (on?.dentry ?? root).address);
    return made;
  }

  /** The `struct vfsmount` in a `struct mount`. */
  #visible({ address }: Placed): Wide {
    return { low: address.low + (fieldPlace('mount', ['mnt']) ?? 0), high: address.high };
  }
}

/** Writes a pointer into a structure that lies in a piece of memory of its own. */
export function set({ view }: Placed, structure: string, members: readonly string[], { low, high }: Wide): void {
  const place = fieldPlace(structure, members) ?? 0;
  view.setInt32(place, low, true);
  view.setInt32(place + 4, high, true);
}
