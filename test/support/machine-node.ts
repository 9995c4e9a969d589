import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a virtual machine of this architecture needs to run this Node: the program, at /bin/node, and the libraries that it
 * is linked with. Some 110 MB, so that the machine wants 768 megabytes of memory. A start there takes about two seconds.
 */
export function nodeFiles(): Readonly<Record<string, Uint8Array>> {
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => /(?:=> |^\s+)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return Object.fromEntries([
    ['/bin/node', readFileSync(realpathSync(process.execPath))],
    ...libraries.map((path) => [path, readFileSync(realpathSync(path))]),
  ]);
}

/** The files of a folder for a machine, beneath `to` there. */
export function folderFiles(from: string, to: string): Readonly<Record<string, Uint8Array>> {
  const paths = readdirSync(from, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Object.fromEntries(
    paths.map(({ parentPath, path, name }) => {
      const file = join(parentPath ?? path, name);
      return [join(to, file.slice(from.length)), readFileSync(file)];
    }),
  );
}
