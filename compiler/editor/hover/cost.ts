import type { Artifact, BackendName } from '../../backends/backend.ts';
import type { Span } from '../../source/span.ts';
import type { EditorDocument } from '../document.ts';
import { counted } from '../meaning/explanation.ts';

/** The bytes of an instruction of classic BPF: `struct sock_filter`. */
const instructionBytes = 8;

/** What a part of the text costs in artifacts that have a limit: instructions of a filter, characters of a policy. */
export function costLines({ current, path }: EditorDocument, focus: Span): readonly string[] {
  const isIn = ({ file, start, end }: Span) => file === path && start >= focus.start && end <= focus.end;
  return (current?.compilation.outputs ?? []).flatMap(({ backend, artifacts }) =>
    artifacts.flatMap((artifact) => {
      const line = costOf(backend, artifact, isIn);
      return line === undefined ? [] : [line];
    }),
  );
}

function costOf(backend: BackendName, artifact: Artifact, isIn: (span: Span) => boolean): string | undefined {
  const { path, content, sourceMap } = artifact;
  const places = () => new Set(sourceMap.filter(({ span }) => isIn(span)).map(({ at }) => at));
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
