import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathGrants } from '../../compiler/backends/landlock/path-grants.ts';
import { landlockRuleset } from '../../compiler/backends/landlock/ruleset.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { landlockRight } from '../../compiler/tables/landlock.ts';

/** A symbolic link that a rule's path leads over and that the sandboxed program could have put there. */
export interface UnsafeLink {
  /** As the policy has it, or what its pattern stands for. */
  readonly path: string;
  readonly link: string;
}

/**
 * The links, one a path, on the way to the policy's Landlock paths that lie in a folder where the policy lets the program
 * make links: one run could choose what the next is allowed.
 *
 * @param expansions what each pattern stands for here
 */
export function unsafeLinks(
  policy: Policy,
  landlockAbi: number,
  expansions: ReadonlyMap<string, readonly string[]>,
): readonly UnsafeLink[] {
  const makesLinks = landlockRight('make_sym')?.bit ?? 0n;
  const grants = landlockRuleset(policy, landlockAbi).paths.flatMap(({ path, glob, access }) =>
    (glob ? (expansions.get(path) ?? []) : [path]).map((each) => ({ path: each, access, ...followed(each) })),
  );
  const writable = grants.filter(({ access }) => (access & makesLinks) !== 0n).map(({ target }) => target);
  const isWritable = (folder: string) =>
    writable.some((above) => above === '/' || folder === above || folder.startsWith(`${above}/`));
  return grants.flatMap(({ path, links }) => {
    const link = links.find((each) => isWritable(dirname(each)));
    return link === undefined ? [] : [{ path, link }];
  });
}

/** A path of a stricter level that leads over a symbolic link, and where. */
export interface LinkedPath {
  readonly level: string;
  readonly path: string;
  readonly target: string;
}

/**
 * The paths of stricter levels that lead elsewhere. Programs of the kernel hold those by the names that files have where they
 * lie, while Landlock follows links when its rules are made. Of a pattern what stands before its first `*` or `?` counts.
 */
export function linkedLevelPaths({ adaptive }: Policy): readonly LinkedPath[] {
  return (adaptive?.levels ?? []).flatMap(({ level, decisions }) => {
    const patterns = decisions
      .filter(({ point }) => point === 'path')
      .flatMap(({ rules }) => rules.flatMap(({ when }) => pathGrants(when) ?? []));
    const plain = patterns.map(({ pattern }) => pattern.replace(/[^/]*[*?].*$/s, ''));
    return [...new Set(plain)].flatMap((path) => {
      const { links, target } = followed(path);
      return links.length === 0 ? [] : [{ level, path, target }];
    });
  });
}

/** path_resolution(7): ELOOP after 40 links. */
const mostLinks = 40;

/** Every link that the kernel would follow, each with its folder resolved, and where they lead. */
function followed(path: string): { readonly links: readonly string[]; readonly target: string } {
  const links: string[] = [];
  let rest = path.split('/').filter((part) => part !== '');
  let at = '/';
  while (rest.length > 0 && links.length < mostLinks) {
    const [name = '', ...further] = rest;
    rest = further;
    const next = resolve(at, name);
    const content = name === '.' || name === '..' ? undefined : linkContent(next);
    if (content === undefined) {
      at = next;
      continue;
    }
    links.push(next);
    if (content.startsWith('/')) at = '/';
    rest = [...content.split('/').filter((part) => part !== ''), ...further];
  }
  return { links, target: resolve(at, ...rest) };
}

function linkContent(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    // Not there, or not to be seen: the launcher says so when it opens the path.
    return undefined;
  }
}
