import { hooksOf, planHook } from '../backends/bpf-lsm/hook/plan.ts';
import type { Compilation } from '../compile.ts';
import { createLoader } from '../dialects/loader.ts';
import { type Levels, sandboxLevels } from '../dialects/sandbox/levels.ts';
import { resolveSandbox } from '../dialects/sandbox/resolve.ts';
import type { Host } from '../host.ts';
import { decide } from '../ir/evaluate.ts';
import type { EnforcementLevel } from '../ir/obligation.ts';
import { decisionAt, type Policy } from '../ir/policy.ts';
import { decode } from '../source/decode.ts';
import { parseYaml } from '../source/parse-yaml.ts';
import type { Span } from '../source/span.ts';
import type { Architecture } from '../tables/architectures.ts';
import { syscallNames, syscallNumber } from '../tables/syscalls.ts';
import type { Target } from '../target.ts';
import { type Answer, label, placeOf } from './answer.ts';

const whoMoves = '`polc run` moves a running program, and only to what is stricter; nothing moves it back';

const ranks: Readonly<Record<EnforcementLevel, number>> = { direct: 0, sandbox: 1, hardened: 2 };
const levels: readonly EnforcementLevel[] = ['direct', 'sandbox', 'hardened'];

/** What an event does in a level. A running program only becomes stricter, so that a move down never happens. */
interface Move {
  readonly from: EnforcementLevel;
  readonly event: string;
  readonly to: EnforcementLevel;
  readonly when: 'at once' | 'never';
  readonly span: Span;
}

/** What a level refuses of the system calls of one architecture. */
interface Refusals {
  /** The hooks at which some call is refused, with how many rules refuse there. */
  readonly hooks: readonly { readonly hook: string; readonly rules: number }[];
  /** Whatever their arguments. */
  readonly calls: readonly string[];
  /** With some arguments, or of a kind that the table does not know. */
  readonly byArguments: readonly string[];
}

/**
 * The state machine of a sandbox policy's `adaptive`, as text or in Mermaid's language of state diagrams; undefined for a
 * policy that cannot be read.
 *
 * @param compilation of that policy
 */
export function explainAdaptive(
  compilation: Compilation,
  path: string,
  workspace: string,
  host: Host,
  target: Target,
): (Answer & { readonly mermaid: string }) | undefined {
  const found = levelsOf(compilation, path, workspace, host, target);
  const architecture = target.architectures[0];
  if (found === undefined || architecture === undefined) return undefined;
  const { start, at } = found;
  const triggers = at.sandbox.obligations.flatMap((obligation) =>
    obligation.kind === 'transition'
      ? [{ event: obligation.event, to: obligation.to, span: obligation.origin.span }]
      : [],
  );
  const moves = levels.flatMap((from) =>
    triggers.flatMap(({ event, to, span }): readonly Move[] =>
      to === from ? [] : [{ from, event, to, when: ranks[to] > ranks[from] ? 'at once' : 'never', span }],
    ),
  );
  const reached = reachable(start, moves);
  const shown = levels.filter((level) => reached.has(level));
  const live = moves.filter(({ from }) => reached.has(from));
  const refusals = {
    direct: refusalsOf(at.direct, architecture),
    sandbox: refusalsOf(at.sandbox, architecture),
    hardened: refusalsOf(at.hardened, architecture),
  };
  const never = levels.filter((level) => !reached.has(level));
  const { name } = at.sandbox;
  const machine = { architecture, refusals, at };
  return {
    lines: [
      `${name} starts in \`${start}\`${shown.length === 1 ? ' and stays there' : ''}`,
      `  ${whoMoves}`,
      ...shown.flatMap((level, index) => [
        '',
        `${level}${level === start ? ' (start)' : ''}`,
        ...refusalLines(level, shown[index - 1], machine),
        ...live
          .filter(({ from }) => from === level)
          .map((move) => `${label(`→ ${move.to}`)}${move.when}, on ${move.event}  ${placeOf(compilation, move.span)}`),
      ]),
      ...(never.length === 0 ? [] : ['', `never reached: ${never.join(', ')}`]),
    ],
    mermaid: mermaidOf(start, shown, live, machine),
    data: {
      policy: name,
      start,
      movedBy: 'polc run',
      architecture,
      levels: shown.map((level) => ({ level, ...refusals[level] })),
      moves: live.map(({ from, event, to, when, span }) => ({
        from,
        event,
        to,
        when,
        at: placeOf(compilation, span),
      })),
    },
  };
}

/** The compilation holds the policy at its own level only, so that it is read again from the contents that it has. */
function levelsOf(
  { contents }: Compilation,
  path: string,
  workspace: string,
  host: Host,
  target: Target,
): Levels | undefined {
  const content = contents.get(path);
  if (content === undefined) return undefined;
  const { source } = decode(path, content);
  const { root } = parseYaml(source);
  if (root === undefined) return undefined;
  const loader = createLoader(host, source, workspace, { sources: new Map(), contents: new Map(contents) });
  const resolved = resolveSandbox(root, loader, []);
  return resolved && sandboxLevels(resolved.layers, path, target);
}

function reachable(start: EnforcementLevel, moves: readonly Move[]): ReadonlySet<EnforcementLevel> {
  const reached = new Set([start]);
  // A set hands out what is added while it is walked.
  for (const level of reached) {
    for (const { from, to, when } of moves) if (from === level && when === 'at once') reached.add(to);
  }
  return reached;
}

function refusalsOf(policy: Policy, architecture: Architecture): Refusals {
  const calls: string[] = [];
  const byArguments: string[] = [];
  const hooks = hooksOf(policy).flatMap((hook) => {
    const rules = planHook(policy, hook).rules.filter(({ effect }) => effect.kind !== 'allow').length;
    return rules === 0 ? [] : [{ hook, rules }];
  });
  const decision = decisionAt(policy, 'syscall');
  if (decision === undefined) return { hooks, calls, byArguments };
  for (const name of syscallNames()) {
    if (syscallNumber(architecture, name) === undefined) continue;
    const known: Readonly<Record<string, string | boolean>> = { arch: architecture, syscall: name, newer: false };
    const verdict = decide(decision, { attribute: (each) => known[each], parameter: () => undefined });
    if (verdict === undefined) byArguments.push(name);
    else if (verdict.effect.kind !== 'allow' && verdict.effect.kind !== 'log') calls.push(name);
  }
  return { hooks, calls, byArguments };
}

interface Machine {
  readonly architecture: Architecture;
  readonly refusals: Readonly<Record<EnforcementLevel, Refusals>>;
  readonly at: Levels['at'];
}

/** `below` is the level shown before, with which this one is compared. */
function refusalLines(
  level: EnforcementLevel,
  below: EnforcementLevel | undefined,
  { architecture, refusals, at }: Machine,
): readonly string[] {
  if (level === 'direct') return [`${label('refuses')}nothing; of system calls, what would be refused is logged`];
  const { hooks, calls, byArguments } = refusals[level];
  const some = byArguments.length === 0 ? '' : `, and ${byArguments.length} by their arguments`;
  const before = below === undefined || below === 'direct' ? undefined : new Set(refusals[below].calls);
  const more = before === undefined ? [] : calls.filter((name) => !before.has(name));
  const besides = held(at[level]);
  return [
    `${label('refuses')}${counted(calls)} of ${architecture}${some}`,
    ...(before === undefined
      ? []
      : [`${label('')}${more.length === 0 ? 'the same' : `${more.length} more`} than ${below}${listOf(more)}`]),
    ...(hooks.length === 0 ? [] : [`${label('at hooks')}${hooks.map(hookText).join(', ')}`]),
    ...(besides.length === 0 ? [] : [`${label('besides')}${besides.join(', ')}`]),
  ];
}

function hookText({ hook, rules }: Refusals['hooks'][number]): string {
  return `${hook} (${rules === 1 ? '1 rule' : `${rules} rules`})`;
}

function counted({ length }: readonly string[]): string {
  return length === 1 ? '1 system call' : `${length} system calls`;
}

const mostNamed = 12;

function listOf(names: readonly string[]): string {
  if (names.length === 0) return '';
  const rest = names.length - mostNamed;
  return `: ${names.slice(0, mostNamed).join(', ')}${rest > 0 ? ` and ${rest} others` : ''}`;
}

/** What the policy restricts beside system calls and at hooks. */
function held(policy: Policy): readonly string[] {
  const points: Readonly<Record<string, string>> = {
    path: 'paths',
    socket: 'the network',
    signal: 'signals',
    capability: 'capabilities',
  };
  return [
    ...policy.decisions.flatMap(({ point }) => points[point] ?? []),
    ...policy.limits.map(({ topic }) => topic.split('.').at(-1) ?? topic),
  ];
}

function mermaidOf(
  start: EnforcementLevel,
  shown: readonly EnforcementLevel[],
  moves: readonly Move[],
  { architecture, refusals }: Machine,
): string {
  return [
    'stateDiagram-v2',
    `  %% ${whoMoves}`,
    `  [*] --> ${start}`,
    ...moves.filter(({ when }) => when === 'at once').map(({ from, to, event }) => `  ${from} --> ${to} : ${event}`),
    ...shown.map((level) => {
      const refused =
        level === 'direct' ? 'refuses nothing' : `refuses ${counted(refusals[level].calls)} of ${architecture}`;
      return `  note right of ${level} : ${refused}`;
    }),
  ].join('\n');
}
