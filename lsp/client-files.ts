import { Patience } from './patience.ts';
import { folderOf, isBelow, isHidden } from './uris.ts';
import type { FilesBelow } from './world.ts';

/** What a client that gives files is asked. */
export interface FilesOfClient {
  /** The bytes of each path, undefined where there is no such file. */
  read(paths: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** The YAML files below a folder; undefined where they are more than `most`. @param partial see World.filesBelow */
  list(folder: string, most: number | undefined, partial: boolean): Promise<FilesBelow | undefined>;
}

/** Told of what has come. */
export interface Arrivals {
  /** The content of a file that was asked for and is there, or of one that the client said is another now. */
  file(path: string, isOther: boolean): void;
  /** Which files there are. */
  list(): void;
}

export type FileChange = 'created' | 'changed' | 'deleted';

/** So many files are asked for at once, so many times at once. */
const batch = 64;
const mostRequests = 4;
/** So much is kept, in bytes; what was asked for first goes first. */
const mostKept = 64 * 1024 * 1024;
/** Milliseconds for an answer, where whoever serves the client does not say. */
const usualPatience = 20_000;

interface List {
  readonly folder: string;
  readonly most: number | undefined;
  readonly partial: boolean;
  found: FilesBelow | undefined;
}

interface Coming {
  readonly done: Promise<void>;
  readonly come: () => void;
}

/**
 * Files that only the client can read: in the worker of a browser all of them, elsewhere those of file systems that VS
 * Code knows and the machine does not. What has not come yet is first not there, and asked for; whoever needs it waits for
 * `arrival` and looks again. It is kept until the client says that it is another, and then until the other has come. What the
 * client does not answer for in time counts as not there, and says so (`absence`); the answer counts when it comes after all.
 */
export class ClientFiles {
  readonly #client: FilesOfClient;
  readonly #arrivals: Arrivals;
  readonly #contents = new Map<string, Uint8Array | undefined>();
  readonly #lists = new Map<string, List>();
  readonly #coming = new Map<string, Coming>();
  /** What is to be asked for, the latest last, which is asked for first: somebody looks at it. */
  readonly #wanted = new Set<string>();
  /** What is known and being read again. */
  readonly #others = new Set<string>();
  /** What changed while it was on its way: what comes may be what it was before. */
  readonly #again = new Set<string>();
  /** What the client has not answered for in time. */
  readonly #late = new Set<string>();
  readonly #patience: Patience;
  #kept = 0;
  #requests = 0;
  #isStarted = false;
  #isSending = false;

  /** @param patience milliseconds that the client has for an answer */
  constructor(client: FilesOfClient, arrivals: Arrivals, patience: number = usualPatience) {
    this.#client = client;
    this.#arrivals = arrivals;
    this.#patience = new Patience(patience);
  }

  /** The client may be asked from now on. */
  start(): void {
    this.#isStarted = true;
    this.#sendSoon();
  }

  /** The client has gone: nobody waits for its answers. */
  end(): void {
    this.#patience.end();
  }

  /** Why a file that may be there counts as absent. */
  absence(path: string): string | undefined {
    if (!this.#late.has(path)) return undefined;
    const seconds = Math.ceil(this.#patience.milliseconds / 1000);
    return `the editor was asked for it, and had not answered after ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  }

  read(path: string): Uint8Array | undefined {
    if (this.#contents.has(path)) return this.#contents.get(path);
    // A document without a path, such as `untitled:Untitled-1`, was never saved.
    if (folderOf(path) === '') return undefined;
    this.#want(path);
    return undefined;
  }

  list(folder: string, most: number | undefined, partial = false): FilesBelow | undefined {
    const key = `${most ?? ''}${partial ? '?' : ''} ${folder}`;
    const known = this.#lists.get(key);
    if (known === undefined) {
      this.#lists.set(key, { folder, most, partial, found: undefined });
      this.#want(key);
    }
    return known?.found;
  }

  /** Files and lists in whose places changes are not told of, or were not: what is known of them is read again. */
  doubt(isDoubtful: (path: string) => boolean): void {
    for (const path of [...this.#contents.keys()]) if (isDoubtful(path)) this.changed(path, 'changed');
    for (const [key, { folder }] of this.#lists) if (isDoubtful(folder)) this.#want(key);
  }

  /** When the files and folders among these paths have come that were asked for; undefined where none are on their way. */
  arrival(paths?: Iterable<string>): Promise<unknown> | undefined {
    if (this.#coming.size === 0) return undefined;
    if (paths === undefined) return Promise.all([...this.#coming.values()].map(({ done }) => done));
    const awaited: Promise<void>[] = [];
    for (const path of paths) {
      const file = this.#coming.get(path);
      // What is read again is there meanwhile.
      if (file !== undefined && !this.#others.has(path)) awaited.push(file.done);
      for (const [key, { folder }] of this.#lists) {
        const list = folder === path ? this.#coming.get(key) : undefined;
        if (list !== undefined) awaited.push(list.done);
      }
    }
    return awaited.length === 0 ? undefined : Promise.all(awaited);
  }

  /** When what the file is by now has come, where it is being read again. */
  fresh(path: string): Promise<void> | undefined {
    return this.#coming.get(path)?.done;
  }

  /** The client says that a file is another than it was, or may be. */
  changed(path: string, how: FileChange): void {
    if (how !== 'changed') this.#relist(path, how);
    if (this.#coming.has(path)) {
      this.#again.add(path);
    } else if (how === 'deleted') {
      if (this.#contents.get(path) === undefined) return;
      this.#put(path, undefined);
      this.#arrivals.file(path, true);
    } else {
      this.#readAgain(path);
    }
  }

  #readAgain(path: string): void {
    if (!this.#contents.has(path)) return;
    this.#others.add(path);
    this.#want(path);
  }

  #want(path: string): void {
    if (this.#coming.has(path)) return;
    this.#coming.set(path, coming());
    this.#wanted.add(path);
    this.#sendSoon();
  }

  /** Once whoever asks has asked for all that it wants. */
  #sendSoon(): void {
    if (this.#isSending || !this.#isStarted) return;
    this.#isSending = true;
    queueMicrotask(() => {
      this.#isSending = false;
      this.#send();
    });
  }

  #send(): void {
    while (this.#requests < mostRequests && this.#wanted.size > 0) {
      const latest = [...this.#wanted].slice(-batch);
      const lists = latest.filter((key) => this.#lists.has(key));
      const files = latest.filter((key) => !this.#lists.has(key));
      for (const key of latest) this.#wanted.delete(key);
      for (const key of lists) void this.#ask(() => this.#fetchList(key));
      if (files.length > 0) void this.#ask(() => this.#fetch(files));
    }
  }

  async #ask(fetch: () => Promise<void>): Promise<void> {
    this.#requests += 1;
    try {
      await fetch();
    } finally {
      this.#requests -= 1;
      this.#send();
    }
  }

  async #fetch(paths: readonly string[]): Promise<void> {
    // A client that cannot answer has no such file.
    const answer = this.#client.read(paths).catch(() => []);
    const contents = await this.#patience.wait(answer);
    if (contents === undefined) this.#later(paths, answer);
    else for (const path of paths) this.#late.delete(path);
    this.#take(paths, contents ?? []);
  }

  /** Of files that have not come in time. */
  #later(paths: readonly string[], answer: Promise<readonly (Uint8Array | undefined)[]>): void {
    for (const path of paths) this.#late.add(path);
    void answer.then((contents) => {
      for (const [index, path] of paths.entries()) {
        // What was asked for again meanwhile is newer.
        if (this.#coming.has(path) || !this.#late.delete(path)) continue;
        this.#put(path, contents[index]);
        this.#arrivals.file(path, true);
      }
    });
  }

  #take(paths: readonly string[], contents: readonly (Uint8Array | undefined)[]): void {
    const come = paths.map((path, index) => {
      const content = contents[index];
      const isOther = this.#others.delete(path);
      const before = this.#contents.get(path);
      this.#put(path, content);
      if (isOther ? !areSame(before, content) : content !== undefined) this.#arrivals.file(path, isOther);
      return this.#coming.get(path);
    });
    for (const [index, path] of paths.entries()) {
      this.#coming.delete(path);
      if (this.#again.delete(path)) this.#readAgain(path);
      come[index]?.come();
    }
  }

  async #fetchList(key: string): Promise<void> {
    const list = this.#lists.get(key)!;
    const answer = this.#client.list(list.folder, list.most, list.partial).catch(() => undefined);
    list.found = await this.#patience.wait(answer);
    if (list.found === undefined) {
      void answer.then((found) => {
        if (found === undefined || this.#coming.has(key)) return;
        list.found = found;
        this.#arrivals.list();
      });
    }
    const come = this.#coming.get(key);
    this.#coming.delete(key);
    if (this.#again.delete(key)) this.#want(key);
    this.#arrivals.list();
    come?.come();
  }

  #relist(path: string, how: FileChange): void {
    if (!/\.ya?ml$/.test(path)) return;
    let isOther = false;
    for (const [key, list] of this.#lists) {
      const { folder, most, found } = list;
      if (this.#coming.has(key)) this.#again.add(key);
      if (found === undefined || !isBelow(path, folder) || isHidden(path.slice(folder.length))) continue;
      const others = found.files.filter((each) => each !== path);
      if (how === 'created') others.push(path);
      list.found = most !== undefined && others.length > most ? undefined : { ...found, files: others.sort() };
      isOther = true;
    }
    if (isOther) this.#arrivals.list();
  }

  #put(path: string, content: Uint8Array | undefined): void {
    this.#kept += (content?.length ?? 0) - (this.#contents.get(path)?.length ?? 0);
    this.#contents.delete(path);
    this.#contents.set(path, content);
    for (const [oldest, its] of this.#contents) {
      if (this.#kept <= mostKept || oldest === path) break;
      this.#contents.delete(oldest);
      this.#kept -= its?.length ?? 0;
    }
  }
}

function coming(): Coming {
  let come = () => {};
  const done = new Promise<void>((resolve) => {
    come = resolve;
  });
  return { done, come };
}

function areSame(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
