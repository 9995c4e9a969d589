/**
 * The path by which the compiler knows a document: that of a `file:` URI, and of every other scheme the URI itself, whose
 * `/` stand between components as well. What is encoded in its path is decoded, so that policies name files beside them as
 * they are called; but not where it would be read as something else then.
 */
export function pathOf(uri: string): string {
  // As Java writes it.
  if (/^file:\/(?!\/)/.test(uri)) return pathOf(uri.replace('file:', 'file://'));
  if (!uri.startsWith('file://')) {
    const start = beforePath(uri);
    const path = start + decoded(uri.slice(start.length));
    return /[?#%]/.test(path.slice(start.length)) || encodedAgain(path) !== uri ? uri : path;
  }
  const rest = uri.slice('file://'.length);
  const slash = rest.indexOf('/');
  const host = rest.slice(0, slash);
  const path = decoded(rest.slice(slash).replace(/[?#].*$/, ''));
  if (host !== '' && host !== 'localhost') return `//${host}${path}`;
  // `/C:/policies` of Windows; VS Code writes a small letter.
  return /^\/[A-Za-z]:/.test(path) ? `${path[1]!.toLowerCase()}${path.slice(2)}` : path;
}

/** The URI of a path that `pathOf` gave, as VS Code writes it. */
export function uriOf(path: string): string {
  if (hasScheme(path)) return /[?#%]/.test(path.slice(beforePath(path).length)) ? path : encodedAgain(path);
  const absolute = path.startsWith('/') ? path : `/${path}`;
  const encoded = absolute.split('/').map(encodeComponent).join('/');
  return absolute.startsWith('//') ? `file:${encoded}` : `file://${encoded}`;
}

/** Whether a path is a URI, of a file system that only the client knows. `c:` is none. */
export function hasScheme(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(path);
}

/**
 * Whether what is open is a file of its own, or becomes one, and not what an editor shows of one under a scheme of its own, such as
 * an earlier version (`git:`, `fugitive:`).
 *
 * @param folders those of the workspace
 */
export function isOwnFile(path: string, folders: readonly string[]): boolean {
  const scheme = schemeOf(path);
  const isKnown = scheme === undefined || scheme === 'untitled' || folders.length === 0;
  return isKnown || folders.some((folder) => schemeOf(folder) === scheme);
}

function schemeOf(path: string): string | undefined {
  return hasScheme(path) ? path.slice(0, path.indexOf(':')).toLowerCase() : undefined;
}

/** Whether a relative path lies in a folder that no list of files goes into: a hidden one, or one of npm's. */
export function isHidden(relative: string): boolean {
  return /(?:^|\/)(?:\.|node_modules(?:\/|$))/.test(relative);
}

/** The folder of a path, without a slash at its end. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Whether a file lies in a folder or below it. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** What names the file system in a URI: the scheme, and who has the files. */
function beforePath(uri: string): string {
  return /^[^:/]*:(?:\/\/[^/]*)?/.exec(uri)?.[0] ?? '';
}

function encodedAgain(path: string): string {
  const start = beforePath(path);
  return start + path.slice(start.length).split('/').map(encodeComponent).join('/');
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
