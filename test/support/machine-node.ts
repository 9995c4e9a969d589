import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

const root = process.env.POLC_ROOT ?? '.';

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

/**
 * What a machine needs besides to run the built command line, as `node /polc/bin/polc.js`; `polc run` takes three seconds.
 * Beneath /polc as they lie in the product.
 */
export function polcFiles(): Readonly<Record<string, Uint8Array>> {
  const id = readFileSync(join(root, 'build/compiler-id'));
  const scripts = `build/cli-${id.toString('latin1', 0, 16)}`;
  const files = [...listOf('bin'), ...listOf(scripts), 'build/compiler-id', 'package.json'];
  return beneathPolc(files.filter((path) => !/\.(lsp|simulate)\.cache$/.test(path)));
}

function listOf(folder: string): readonly string[] {
  return readdirSync(join(root, folder)).map((name) => join(folder, name));
}

/** What it needs besides to make system calls: koffi, beneath /polc. */
export function koffiFiles(): Readonly<Record<string, Uint8Array>> {
  const binary = `node_modules/@koromix/koffi-linux-${process.arch}`;
  const parts = ['package.json', 'index.js', `linux_${process.arch}/koffi.node`].map((name) => `${binary}/${name}`);
  return { ...koffiLibrary(), ...beneathPolc(parts) };
}

/** Of koffi what is the same on every machine. */
export function koffiLibrary(): Readonly<Record<string, Uint8Array>> {
  const folder = 'node_modules/koffi';
  const library = readdirSync(join(root, folder, 'src/koffi'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|cjs)$/.test(name))
    .map((name) => `${folder}/src/koffi/${name}`);
  return beneathPolc([...['package.json', 'index.js', 'index.cjs'].map((name) => `${folder}/${name}`), ...library]);
}

function beneathPolc(paths: readonly string[]): Readonly<Record<string, Uint8Array>> {
  return Object.fromEntries(paths.map((path) => [`/polc/${path}`, readFileSync(join(root, path))]));
}
