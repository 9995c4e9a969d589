import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { preview1 } from './guest.ts';

/**
 * A host of WASI that trusts its guests: it joins names and asks the machine. What holds a guest here is the guest's own
 * guard. A backslash separates names, as on Windows, and a NUL ends them, as in C.
 */
export class NaiveHost {
  readonly #descriptors: (string | number | undefined)[];
  memory: WebAssembly.Memory | undefined;
  /** The paths that were opened. */
  readonly opened: string[] = [];

  /** @param preopens the folders that the guest finds from descriptor 3 on */
  constructor(preopens: readonly string[]) {
    this.#descriptors = [0, 1, 2, ...preopens];
  }

  imports(): WebAssembly.Imports {
    const at = (fd: number, path: number, length: number) => {
      const name = this.#text(path, length).split('\0')[0]!.replaceAll('\\', '/');
      return name.startsWith('/') ? name : `${this.#descriptors[fd]}/${name}`;
    };
    const stat = (out: number, of: { dev: number; ino: number; isDirectory(): boolean; isSymbolicLink(): boolean }) => {
      const view = this.#view();
      view.setBigUint64(out, BigInt(of.dev), true);
      view.setBigUint64(out + 8, BigInt(of.ino), true);
      view.setUint8(out + 16, of.isDirectory() ? 3 : of.isSymbolicLink() ? 7 : 4);
      return 0;
    };
    const host = {
      fd_prestat_get: (fd: number, out: number) => {
        const name = this.#descriptors[fd];
        if (typeof name !== 'string') return 8;
        this.#view().setUint32(out, 0, true);
        this.#view().setUint32(out + 4, Buffer.byteLength(name), true);
        return 0;
      },
      fd_prestat_dir_name: (fd: number, out: number, length: number) => {
        new Uint8Array(this.#view().buffer, out, length).set(Buffer.from(String(this.#descriptors[fd])));
        return 0;
      },
      fd_filestat_get: (fd: number, out: number) => {
        const what = this.#descriptors[fd];
        return stat(out, typeof what === 'number' ? fstatSync(what) : lstatSync(String(what)));
      },
      path_filestat_get: (fd: number, _flags: number, path: number, length: number, out: number) =>
        tried(() => stat(out, lstatSync(at(fd, path, length)))),
      path_open: (...[fd, , path, length, , , , , out]: number[]) =>
        tried(() => {
          const name = at(fd!, path!, length!);
          this.opened.push(name);
          const number = this.#descriptors.push(openSync(name, 'r')) - 1;
          this.#view().setUint32(out!, number, true);
          return 0;
        }),
      fd_read: (fd: number, vector: number, _count: number, out: number) =>
        tried(() => {
          const view = this.#view();
          const into = new Uint8Array(view.buffer, view.getUint32(vector, true), view.getUint32(vector + 4, true));
          view.setUint32(out, readSync(Number(this.#descriptors[fd]), into), true);
          return 0;
        }),
      fd_close: (fd: number) =>
        tried(() => {
          const what = this.#descriptors[fd];
          if (typeof what === 'number' && what > 2) closeSync(what);
          this.#descriptors[fd] = undefined;
          return 0;
        }),
      fd_fdstat_get: () => 8,
      clock_time_get: (_id: number, _precision: bigint, out: number) => {
        this.#view().setBigUint64(out, process.hrtime.bigint(), true);
        return 0;
      },
    };
    return { [preview1]: host };
  }

  close(): void {
    for (const what of this.#descriptors) if (typeof what === 'number' && what > 2) closeSync(what);
  }

  #view(): DataView {
    if (this.memory === undefined) throw new Error('the guest has no memory yet');
    return new DataView(this.memory.buffer);
  }

  #text(start: number, length: number): string {
    return Buffer.from(this.#view().buffer, start, length).toString();
  }
}

/** NOENT for whatever the machine refuses. */
function tried(act: () => number): number {
  try {
    return act();
  } catch {
    return 44;
  }
}
