import { report } from '../../../diagnostics/report.ts';
import { lowerArgumentRule } from '../../../expressions/argument-rule.ts';
import {
  always,
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
} from '../../../expressions/predicate.ts';
import type { Decision, Effect, Otherwise, Rule } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import type { SourceText } from '../../../source/text.ts';
import type { ScalarNode } from '../../../source/tree.ts';
import type { Architecture } from '../../../tables/architectures.ts';
import { errnoValue } from '../../../tables/errno.ts';
import { basicStart } from '../../../tables/program-start.ts';
import { groupMembers } from '../../../tables/syscall-groups.ts';
import { syscallSince } from '../../../tables/syscall-versions.ts';
import { syscallNumber } from '../../../tables/syscalls.ts';
import type { KernelVersion } from '../../../target.ts';
import { type PresetRule, presetRules } from '../presets.ts';
import type { SeccompDocument } from '../shape.ts';
import { callEffects } from './call-effects.ts';
import { each, first, type Lowering, levelRank, modeOf, origin, type Picked, strictest } from './lowering.ts';
import { checkLevelKept, exceptNamed } from './preset-conflicts.ts';
import { checkSiblings } from './siblings.ts';
import { checkStart, startKind } from './start.ts';

const deniedByDefault: Effect = { kind: 'errno', errno: 1 };

/**
 * The `syscall` decision: the `rules` of each layer in turn, the `deny` of each, the preset of the level, the `log` and
 * `allow` of each, then `default`. The first rule that holds decides. In `mode: hardened` the preset comes first of all.
 */
export function lowerSyscalls(lowering: Lowering): Decision | undefined {
  const { layers, target, diagnostics } = lowering;
  const level = strictest(layers, (document) => document.security?.value.level, levelRank);
  const mode = modeOf(layers);
  const documents = each(layers, (document) => document.security?.value.seccomp);
  const preset = mode?.value === 'hardened' ? 'high' : level?.value;
  const head = documents[0];
  if (head === undefined && preset === undefined) return undefined;

  const byDefault = first(layers, (document) => document.security?.value.seccomp?.value.default);
  if (head !== undefined && byDefault === undefined && !documents.some(writesDefault)) {
    diagnostics.push(report('POL2002', head.key ?? head.span, { key: 'default', example: 'default: deny' }));
  }
  const fallback: Effect = byDefault?.value ?? { kind: 'allow' };
  const listed = first(layers, (document) => document.security?.value.seccomp?.value.architectures);
  const architectures = listed?.value.map(({ value }) => value) ?? target.architectures;
  const refusal = refusalOf(fallback);
  const anchor = head ?? level ?? mode!;
  if (listed?.node.kind === 'sequence' && listed.node.items.length === 0) {
    const help = 'list an architecture, or remove the key to run those of the target; as it stands, every call kills';
    diagnostics.push(report('POL5012', listed.span, { key: 'architectures' }, { help }));
  }
  const rules: Rule[] = [
    {
      id: 'syscall/architecture',
      topic: 'security.seccomp.architectures',
      origin: origin(listed?.span ?? anchor.key ?? anchor.span, 'architectures'),
      when: not(inSet(attribute('arch'), architectures)),
      effect: { kind: 'kill-process' },
    },
  ];
  const add = (topic: string, when: Predicate, effect: Effect, at: Place) =>
    rules.push({ id: `syscall/${rules.length - 1}`, topic, when, effect, origin: origin(at.span, at.by) });

  const shared = { lowering, architectures, fallback, add };
  const hardened = mode?.value === 'hardened';
  const addPreset = (presets: readonly PresetRule[]): readonly Rule[] => {
    if (preset === undefined) return [];
    const at = { ...(hardened ? mode : level!), by: `preset ${preset}` };
    const before = rules.length;
    for (const rule of presets) {
      const errno = refusal.kind === 'errno' && rule.errno !== undefined ? errnoValue(rule.errno) : undefined;
      add('security.level', rule.when, errno === undefined ? refusal : { kind: 'errno', errno }, at);
    }
    return rules.slice(before);
  };
  const refused = preset === undefined ? [] : presetRules(preset);
  let presets = hardened ? addPreset(refused) : [];
  const explicit = rules.length;
  for (const document of documents) lowerRules(document, shared);
  const authored = rules.slice(explicit);
  // What a base denies is refused as the base says, whatever the default of the policy that extends it.
  for (const document of documents) {
    lowerLists(document, ['deny'], refusalOf(document.value.default?.value ?? fallback), shared);
  }
  const excepted = new Set<Span>();
  if (preset !== undefined && !hardened) {
    const left = exceptNamed(refused, documents, preset, diagnostics);
    for (const { key, entry } of left.exceptions) {
      add(`security.seccomp.${key}`, callPredicate(entry.value, shared), { kind: key }, entry);
      excepted.add(entry.span);
    }
    presets = addPreset(left.presets);
  }
  if (preset !== undefined) checkLevelKept(authored, presets, hardened ? undefined : preset, diagnostics);
  for (const document of documents) lowerLists(document, ['log', 'allow'], refusal, shared, excepted);
  // A libc that meets ENOSYS falls back to an older call; any other errno for a call that it tries first breaks programs
  // that work today on the next kernel (runc#2151, moby#42871).
  const enosys = errnoValue('ENOSYS')!;
  if (fallback.kind === 'errno' && fallback.errno !== enosys) {
    add(
      'security.seccomp.default',
      compare(attribute('newer'), '==', literal(true)),
      { kind: 'errno', errno: enosys },
      {
        ...byDefault!,
        by: 'newer calls',
      },
    );
  }
  const otherwise: Otherwise = {
    id: 'syscall/otherwise',
    topic: 'security.seccomp.default',
    origin: byDefault === undefined ? origin(anchor.span, 'no default') : origin(byDefault.span, byDefault.by),
    effect: fallback,
  };
  const decision: Decision = { point: 'syscall', combine: 'first-match', rules, otherwise };
  if (head !== undefined && mode?.value !== 'direct') {
    const effectOf = callEffects(decision);
    checkStart(decision, effectOf, architectures, documents, diagnostics);
    checkSiblings(effectOf, architectures, documents, refusal, diagnostics);
  }
  return decision;
}

/** How a call is refused where `fallback` is what happens by default. */
function refusalOf(fallback: Effect): Effect {
  return fallback.kind === 'allow' || fallback.kind === 'log' ? deniedByDefault : fallback;
}

/** A `default` that could not be read has been reported, and is not missing. */
function writesDefault({ node }: Picked<SeccompDocument>): boolean {
  return node.kind === 'map' && node.entries.some(({ key }) => key.text === 'default');
}

interface Place {
  readonly span: Span;
  readonly by: string | undefined;
}

interface Shared {
  readonly lowering: Lowering;
  readonly architectures: readonly Architecture[];
  readonly fallback: Effect;
  readonly add: (topic: string, when: Predicate, effect: Effect, at: Place) => void;
}

function lowerRules(document: Picked<SeccompDocument>, shared: Shared): void {
  const { by } = document;
  document.value.rules?.value.forEach((rule, index) => {
    const { syscalls, action, when } = rule.value;
    if (syscalls === undefined) return;
    const topic = `security.seccomp.rules[${index}]`;
    for (const name of syscalls.value) checkKnown(name, shared);
    const names = syscalls.value.flatMap((name) => namesOf(name, shared));
    const condition = when === undefined ? always : argumentRule(document.source, when, names, shared);
    if (condition === undefined) return;
    if (names.length === 0) {
      shared.lowering.diagnostics.push(report('POL5012', syscalls.span, { key: 'syscalls' }));
      return;
    }
    const call = or(...syscalls.value.map((name) => callPredicate(name.value, shared)));
    const predicate = condition.kind === 'constant' && condition.value ? call : and(call, condition);
    shared.add(topic, predicate, action?.value ?? { kind: 'allow' }, { ...rule, by });
  });
}

type ListKey = 'deny' | 'log' | 'allow';

function lowerLists(
  document: Picked<SeccompDocument>,
  keys: readonly ListKey[],
  refusal: Effect,
  shared: Shared,
  done?: ReadonlySet<Span>,
): void {
  const { by } = document;
  for (const key of keys) {
    const effect: Effect = key === 'deny' ? refusal : { kind: key };
    const list = document.value[key];
    if (list === undefined) continue;
    if (
      key === 'allow' &&
      list.value.length === 0 &&
      list.node.kind === 'sequence' &&
      list.node.items.length === 0 &&
      shared.fallback.kind !== 'allow'
    ) {
      shared.lowering.diagnostics.push(report('POL5012', list.span, { key }));
    }
    const topic = `security.seccomp.${key}`;
    for (const name of list.value) {
      checkKnown(name, shared);
      if (done?.has(name.span)) continue;
      shared.add(topic, callPredicate(name.value, shared), effect, { span: name.span, by });
    }
  }
}

/** The names that an entry stands for. */
function namesOf({ value }: Located<string>, { architectures, fallback }: Shared): readonly string[] {
  if (value === '@basic-start')
    return architectures.flatMap((architecture) => basicStart(architecture, startKind(fallback)));
  return value.startsWith('@') ? (groupMembers(value) ?? []) : [value];
}

/** Says where a call that was named is newer than the target, or exists on some of the architectures only. */
function checkKnown({ value, span }: Located<string>, { architectures, lowering }: Shared): void {
  if (value.startsWith('@')) return;
  const since = syscallSince(value);
  const { kernel } = lowering.target;
  if (
    since !== undefined &&
    (since.major > kernel.major || (since.major === kernel.major && since.minor > kernel.minor))
  ) {
    const text = ({ major, minor }: KernelVersion) => `${major}.${minor}`;
    lowering.diagnostics.push(report('POL3033', span, { name: value, since: text(since), kernel: text(kernel) }));
  }
  if (architectures.every((architecture) => syscallNumber(architecture, value) !== undefined)) return;
  const missing = architectures.filter((architecture) => syscallNumber(architecture, value) === undefined);
  const values = { name: value, architectures: missing.join(', ') };
  lowering.diagnostics.push(
    missing.length === architectures.length ? report('POL3030', span, values) : report('POL3031', span, values),
  );
}

const syscallAttribute = attribute('syscall');

function callPredicate(name: string, { architectures, fallback }: Shared): Predicate {
  if (!name.startsWith('@')) return { kind: 'in-set', term: syscallAttribute, values: [name] };
  if (name !== '@basic-start') return inSet(syscallAttribute, groupMembers(name) ?? []);
  return or(
    ...architectures.map((architecture) =>
      and(
        inSet(attribute('arch'), [architecture]),
        inSet(syscallAttribute, basicStart(architecture, startKind(fallback))),
      ),
    ),
  );
}

function argumentRule(
  source: SourceText,
  when: Located<string>,
  names: readonly string[],
  { architectures, lowering }: Shared,
): Predicate | undefined {
  const lowered = lowerArgumentRule(source, when.node as ScalarNode, [...new Set(names)], architectures);
  lowering.diagnostics.push(...lowered.diagnostics);
  return lowered.predicate;
}

/** The decision as `mode: direct` runs it: what would be refused is logged, and nothing is refused. */
export function auditOnly(decision: Decision): Decision {
  const soften = (effect: Effect): Effect => (effect.kind === 'allow' ? effect : { kind: 'log' });
  return {
    ...decision,
    rules: decision.rules.map((rule) => ({ ...rule, effect: soften(rule.effect) })),
    otherwise: { ...decision.otherwise, effect: soften(decision.otherwise.effect) },
  };
}
