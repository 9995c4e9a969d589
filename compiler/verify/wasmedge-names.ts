/**
 * What WasmEdge tells its guest that a folder is called, of the name that `--dir NAME:FOLDER` gives it (0.14.1,
 * VINode::canonicalGuest). Where the first component stands alone, one that begins with a dot is left out.
 */
export function nameInWasmEdge(name: string): string {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '') continue;
    if (part === '..') parts.pop();
    else if (!part.startsWith('.') || parts.length !== 1) parts.push(part);
  }
  return parts.join('/') || '/';
}

/** Where a guest with wasi-libc has a folder of that name: its current folder is `/`. */
export function pathOfName(name: string): string {
  return `/${name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
}
