/** The components of a path, without empty ones and `.`, which name nothing. */
export function components(path: string): readonly string[] {
  return path.split('/').filter((component) => component !== '' && component !== '.');
}

/** An absolute path in which each `..` took away the component before it. */
export function folded(path: string): string {
  const kept: string[] = [];
  for (const component of components(path)) {
    if (component === '..') kept.pop();
    else kept.push(component);
  }
  return `/${kept.join('/')}`;
}

/** How a file that lies at `from` names the file `to`: `../base.yaml`. */
export function relativeTo(to: string, from: string): string {
  const target = to.split('/');
  const folder = from.split('/').slice(0, -1);
  let common = 0;
  while (common < folder.length && common < target.length - 1 && folder[common] === target[common]) common += 1;
  return [...folder.slice(common).map(() => '..'), ...target.slice(common)].join('/');
}
