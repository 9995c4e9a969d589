import type { Artifact, BackendName } from '../../backends/backend.ts';
import { contributors, enforceables, type Policy } from '../../ir/policy.ts';
import type { EditorDocument } from '../document.ts';
import { counted } from '../meaning/explanation.ts';

/** The bytes of an instruction of classic BPF: `struct sock_filter`. */
const instructionBytes = 8;

/** What rules cost in artifacts that have a limit: instructions of a filter, characters of a policy. */
export function costLines({ current }: EditorDocument, rules: ReadonlySet<string>): readonly string[] {
  const { outputs = [], policy } = current?.compilation ?? {};
  if (policy === undefined || rules.size === 0) return [];
  const holders = holdersOf(policy, rules);
  return outputs.flatMap(({ backend, artifacts }) =>
    artifacts.flatMap((artifact) => {
      const line = costOf(backend, artifact, holders.ids);
      return line === undefined ? [] : [holders.isShared ? `${line}, shared with other rules` : line];
    }),
  );
}

/** The rules of the optimised policy that hold what the author's rules say. */
function holdersOf(
  policy: Policy,
  rules: ReadonlySet<string>,
): { readonly ids: ReadonlySet<string>; readonly isShared: boolean } {
  const ids = new Set<string>();
  let isShared = false;
  for (const node of enforceables(policy)) {
    const held = contributors(node).filter(({ overridden }) => overridden === undefined);
    if (!held.some(({ id }) => rules.has(id))) continue;
    ids.add(node.id);
    if (!held.every(({ id }) => rules.has(id))) isShared = true;
  }
  return { ids, isShared };
}

function costOf(backend: BackendName, artifact: Artifact, rules: ReadonlySet<string>): string | undefined {
  const { path, content, sourceMap } = artifact;
  const places = () => new Set(sourceMap.filter(({ rule }) => rules.has(rule)).map(({ at }) => at));
  if (backend === 'seccomp' && path.endsWith('.bpf')) {
    const count = places().size;
    const all = content.length / instructionBytes;
    return count === 0 ? undefined : `${counted(count, 'instruction')} of ${all} in \`${path}\``;
  }
  if ((backend === 'iam' || backend === 'scp') && typeof content === 'string') {
    const pointers = places();
    if (pointers.size === 0) return undefined;
    return `${counted(charactersAt(content, pointers), 'character')} of ${content.length} in \`${backend}/${path}\``;
  }
  return undefined;
}

/** How many characters of a JSON text without white space are the values at some pointers, without what is between them. */
function charactersAt(text: string, pointers: ReadonlySet<number | string>): number {
  const document: unknown = JSON.parse(text);
  let count = 0;
  for (const pointer of pointers) {
    const value = String(pointer)
      .split('/')
      .slice(1)
      .reduce<unknown>((node, step) => fieldOf(node, step.replaceAll('~1', '/').replaceAll('~0', '~')), document);
    if (value !== undefined) count += JSON.stringify(value).length;
  }
  return count;
}

function fieldOf(node: unknown, step: string): unknown {
  if (Array.isArray(node)) return node[Number(step)];
  return typeof node === 'object' && node !== null
    ? Object.entries(node).find(([key]) => key === step)?.[1]
    : undefined;
}
