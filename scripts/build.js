// Bundles the product into build/: the command line, its worker, and the compiler as a library.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export async function buildProduct() {}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildProduct();
