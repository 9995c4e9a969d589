/**
 * A regular expression for paths with `/` between components: `*` and `?` stay within one, `**` as a whole component
 * stands for any number of them, a pattern without `/` matches the last component alone. All else is literal.
 */
export function globExpression(pattern: string): RegExp {
  const anchored = pattern.includes('/');
  const parts = pattern.replace(/^\.?\//, '').split('/');
  let source = anchored ? '' : '(?:.*/)?';
  parts.forEach((part, index) => {
    const last = index === parts.length - 1;
    if (part === '**') source += last ? '.*' : '(?:[^/]+/)*';
    else source += componentSource(part) + (last ? '' : '/');
  });
  return new RegExp(`^${source}$`);
}

function componentSource(part: string): string {
  // Stars in a row would only multiply the ways in which the expression can fail.
  return part
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
}
