/**
 * The path by which the compiler knows a document: that of a `file:` URI, and of every other scheme the URI itself, whose
 * `/` stand between components as well.
 */
export function pathOf(uri: string): string {
  if (!uri.startsWith('file://')) return uri;
  const rest = uri.slice('file://'.length);
  const slash = rest.indexOf('/');
  const host = rest.slice(0, slash);
  const path = decoded(rest.slice(slash).replace(/[?#].*$/, ''));
  if (host !== '' && host !== 'localhost') return `//${host}${path}`;
  // `/c:/policies` of Windows.
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}

/** The URI of a path that `pathOf` gave, as VS Code writes it. */
export function uriOf(path: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return path;
  const absolute = path.startsWith('/') ? path : `/${path}`;
  const encoded = absolute.split('/').map(encodeComponent).join('/');
  return absolute.startsWith('//') ? `file:${encoded}` : `file://${encoded}`;
}

/** The folder of a path, without a slash at its end. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Whether a file lies in a folder or below it. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that encodes nothing stands for itself.
    return text;
  }
}

/** What encodeURIComponent leaves alone, but not `!'()*`, which VS Code encodes too (vscode-uri). */
function encodeComponent(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}
