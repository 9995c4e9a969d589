import type { Artifact, BackendName } from '../../backends/backend.ts';
import type { Compilation } from '../../compile.ts';
import { type Enforceable, enforceables, type Policy } from '../../ir/policy.ts';
import { printPolicy } from '../../ir/print.ts';
import type { Span } from '../../source/span.ts';
import type { Target } from '../../target.ts';
import { coverageTable } from './coverage-table.ts';
import { jsonLines } from './json-lines.ts';
import { spansOfMerged } from './merged-rules.ts';
import type { PreviewLanguage, PreviewQuota, PreviewTab } from './preview.ts';
import { withShortNames } from './short-names.ts';
import { yamlLines } from './yaml-lines.ts';

/** Lines of a text, from 0 and both included, and what they come from. */
export interface Tie {
  readonly first: number;
  readonly last: number;
  readonly span: Span;
}

/** What a tab shows. */
export interface Made {
  readonly language: PreviewLanguage;
  readonly text: string;
  readonly ties: readonly Tie[];
  readonly quota?: PreviewQuota;
}

/** A tab with what it is made of. */
export interface TabPlace extends PreviewTab {
  readonly from:
    | { readonly kind: 'coverage' | 'ir' | 'lowered' }
    | { readonly kind: 'artifacts'; readonly backend: BackendName; readonly artifacts: readonly Artifact[] };
}

/** An artifact of at most so many characters is shown with the others of its backend that are as small. */
const small = 40;

/** The instructions of a seccomp program that the kernel takes: BPF_MAXINSNS, linux/bpf_common.h. */
const mostInstructions = 4096;

/**
 * The tabs of a compilation: what is enforced first, then the coverage, then the policy as the compiler holds it. What is
 * not text, and the C headers of what is listed anyway, have none.
 */
export function tabsOf({ outputs, policy, lowered, coverage }: Compilation): readonly TabPlace[] {
  const tabs: TabPlace[] = [];
  for (const { backend, artifacts } of outputs) {
    if (backend === 'ir') continue;
    const shown = artifacts.filter(({ path, content }) => typeof content === 'string' && !path.endsWith('.h'));
    const tiny = shown.filter(({ content }) => content.length <= small);
    const together = tiny.length > 1 ? tiny : [];
    for (const artifact of shown.filter((each) => !together.includes(each))) {
      tabs.push({
        id: `${backend}/${artifact.path}`,
        group: backend,
        title: artifact.path,
        from: { kind: 'artifacts', backend, artifacts: [artifact] },
      });
    }
    if (together.length > 0) {
      tabs.push({
        id: backend,
        group: backend,
        title: 'values',
        from: { kind: 'artifacts', backend, artifacts: together },
      });
    }
  }
  if (coverage.length > 0)
    tabs.push({ id: 'coverage', group: 'coverage', title: 'coverage', from: { kind: 'coverage' } });
  if (policy !== undefined) tabs.push({ id: 'ir', group: 'IR', title: 'after optimisation', from: { kind: 'ir' } });
  if (lowered !== undefined) {
    tabs.push({ id: 'lowered', group: 'IR', title: 'before optimisation', from: { kind: 'lowered' } });
  }
  return tabs;
}

/** What a tab of `tabsOf(compilation)` shows. */
export function makeTab({ from }: TabPlace, compilation: Compilation, target: Target): Made {
  switch (from.kind) {
    case 'coverage':
      return coverageTable(compilation.coverage);
    case 'ir':
      return irText(compilation.policy!);
    case 'lowered':
      return irText(compilation.lowered!);
    case 'artifacts':
      return from.artifacts.length === 1
        ? artifactText(from.backend, from.artifacts[0]!, compilation, target)
        : valuesText(from.artifacts);
    default: {
      const unreachable: never = from;
      return unreachable;
    }
  }
}

/** The textual IR; a node's lines begin with its id and end before the next node's. */
function irText(policy: Policy): Made {
  const text = printPolicy(policy);
  const nodes = new Map<string, Enforceable>(enforceables(policy).map((node) => [`  ${node.id}:`, node]));
  const ties: Tie[] = [];
  let open: { readonly node: Enforceable; readonly first: number } | undefined;
  const close = (end: number) => {
    if (open === undefined) return;
    const { node, first } = open;
    const spans = [node.origin.span, ...(node.merged ?? []).map(({ origin }) => origin.span)];
    for (const span of spans) ties.push({ first, last: end - 1, span });
    open = undefined;
  };
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    // What continues a node is indented further; a node's own line by two spaces.
    if (line.startsWith('   ')) continue;
    close(index);
    const colon = line.indexOf(': ');
    const node = nodes.get(line.slice(0, colon + 1));
    if (node !== undefined) open = { node, first: index };
  }
  close(lines.length);
  return { language: 'ir', text, ties };
}

function artifactText(
  backend: BackendName,
  { path, content, sourceMap }: Artifact,
  compilation: Compilation,
  target: Target,
): Made {
  const whole = typeof content === 'string' ? content : '';
  const written = backend === 'bpf-lsm' ? withShortNames(whole, [...compilation.sources.keys()]) : whole;
  const language = languageOf(path, backend);
  // Policies for AWS have no white space, since it counts; people read them with some.
  const text =
    language === 'json' && isOneLine(written) ? `${JSON.stringify(JSON.parse(written), null, 2)}\n` : written;
  const lines = linesOf(language, text, new Set(sourceMap.map(({ at }) => at).filter((at) => typeof at === 'string')));
  const spansOf = backend === 'seccomp' ? spansOfMerged(compilation, path) : undefined;
  const ties = sourceMap.flatMap(({ at, rule, span }, entry) => {
    const found = typeof at === 'number' ? { first: at - 1, last: at - 1 } : lines(at);
    if (found === undefined) return [];
    const spans = spansOf?.(entry, rule, span) ?? [span];
    return spans.map((each) => ({ ...found, span: each }));
  });
  const quota = quotaOf(backend, written, language, target);
  return { language, text, ties, ...(quota === undefined ? {} : { quota }) };
}

/** Several short files in one text, each below its name. */
function valuesText(artifacts: readonly Artifact[]): Made {
  const lines: string[] = [];
  const ties: Tie[] = [];
  for (const { path, content, sourceMap } of artifacts) {
    const first = lines.length;
    lines.push(`# ${path}`, ...String(content).trimEnd().split('\n'), '');
    for (const { span } of sourceMap) ties.push({ first, last: lines.length - 2, span });
  }
  return { language: 'text', text: lines.join('\n'), ties };
}

interface Lines {
  readonly first: number;
  readonly last: number;
}

/** Finds the lines of a JSON pointer, or of a line's number. */
function linesOf(
  language: PreviewLanguage,
  text: string,
  wanted: ReadonlySet<string>,
): (at: string) => Lines | undefined {
  const known =
    wanted.size === 0
      ? undefined
      : language === 'json'
        ? jsonLines(text, wanted)
        : language === 'yaml'
          ? yamlLines(text, wanted)
          : undefined;
  return (at) => {
    const found = known?.get(at);
    if (found !== undefined || !/^\d+$/.test(at)) return found;
    return { first: Number(at) - 1, last: Number(at) - 1 };
  };
}

/** Back-ends whose texts are listings of instructions. */
const listed: ReadonlySet<BackendName> = new Set(['seccomp', 'launcher', 'bpf-lsm']);

function languageOf(path: string, backend: BackendName): PreviewLanguage {
  if (path.endsWith('.json')) return 'json';
  if (path.endsWith('.yaml')) return 'yaml';
  if (path.endsWith('.wat')) return 'wat';
  return path.endsWith('.txt') && listed.has(backend) ? 'listing' : 'text';
}

function quotaOf(
  backend: BackendName,
  written: string,
  language: PreviewLanguage,
  { aws }: Target,
): PreviewQuota | undefined {
  if (backend === 'iam') return { used: written.length, most: aws.managedPolicy, unit: 'characters' };
  if (backend === 'scp') return { used: written.length, most: aws.serviceControlPolicy, unit: 'characters' };
  if (backend !== 'seccomp' || language !== 'listing') return undefined;
  const instructions = /^#.*: (\d+) instructions$/m.exec(written)?.[1];
  return instructions === undefined
    ? undefined
    : { used: Number(instructions), most: mostInstructions, unit: 'instructions' };
}

function isOneLine(text: string): boolean {
  const newline = text.indexOf('\n');
  return newline === -1 || newline === text.length - 1;
}
