import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionOf } from '../../compiler/backends/seccomp/action.ts';
import { decodeInstructions, type Instruction } from '../../compiler/backends/seccomp/instruction.ts';
import type { Predicate, Term } from '../../compiler/expressions/predicate.ts';
import type { Decision } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { mobyDecision } from '../../test/support/moby.ts';
import { columns, nativeHelper, root, scratchFolder } from './native.ts';

/** The text of moby's default profile, or undefined with a line that says that it is absent. */
export function mobyProfileText(): string | undefined {
  const places = [join(root, 'build/peers/moby-default.json'), join(root, '../shared/data/moby-default.json')];
  const place = places.find((path) => existsSync(path));
  if (place === undefined) console.log("absent: moby's default seccomp profile; run bench/set-up.sh");
  return place === undefined ? undefined : readFileSync(place, 'utf8');
}

/** The profile on x86_64 with Docker's default capabilities, or undefined where it is absent. */
export function mobyRules(architectures: readonly Architecture[]): Decision | undefined {
  const text = mobyProfileText();
  return text === undefined ? undefined : mobyDecision(JSON.parse(text), 'x86_64', architectures);
}

export interface LibseccompRun {
  readonly program: readonly Instruction[];
  /** Where the program lies, as struct sock_filter[]. */
  readonly file: string;
  /** Milliseconds of each round, from names to the exported program. */
  readonly times: readonly number[];
}

/** libseccomp on the same rules; undefined where it is absent. */
export type Libseccomp = (form: 'linear' | 'tree', rounds: number) => LibseccompRun;

/** Prepares libseccomp for a decision made by `mobyRules`; undefined, said on the output, where it is absent. */
export function libseccompOn(decision: Decision, architectures: readonly Architecture[]): Libseccomp | undefined {
  const helper = nativeHelper('libseccomp', ['seccomp']);
  if (helper === undefined) return undefined;
  const input = rulesText(decision, architectures);
  return (form, rounds) => {
    const file = join(scratchFolder(), `libseccomp-${form}-${architectures.join('-')}.bpf`);
    const ran = spawnSync(helper, [form === 'linear' ? '1' : '2', String(rounds), file], { input, encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`libseccomp refused the rules: ${ran.stderr}`);
    const [nanoseconds = []] = columns(ran.stdout);
    return { program: decodeInstructions(readFileSync(file)), file, times: nanoseconds.map((each) => each / 1e6) };
  };
}

/** The lines that bench/native/libseccomp.c reads. The first rule refuses other architectures, which is its default. */
function rulesText({ rules, otherwise }: Decision, architectures: readonly Architecture[]): string {
  const byDefault = actionOf(otherwise.effect);
  const lines = [`default ${byDefault}`];
  for (const architecture of architectures) {
    // libseccomp tells x32 from x86_64 by a token of its own: AUDIT_ARCH_X86_64 without __AUDIT_ARCH_64BIT.
    lines.push(`arch ${architecture === 'x32' ? 0x4000_003e : auditArchitecture[architecture]}`);
  }
  for (const { when, effect } of rules.slice(1)) {
    const parts = when.kind === 'and' ? when.of : [when];
    const comparisons = parts.filter((part) => part.kind === 'compare').map(comparisonText);
    const names = parts.flatMap((part) => (part.kind === 'in-set' ? part.values : []));
    if (actionOf(effect) === byDefault) continue;
    for (const name of names) lines.push(['rule', actionOf(effect), name, ...comparisons].join(' '));
  }
  return `${lines.join('\n')}\n`;
}

/** `INDEX OP A B` with the values of enum scmp_compare. */
function comparisonText({ operator, left, right }: Extract<Predicate, { kind: 'compare' }>): string {
  const value = (term: Term) => (term.kind === 'literal' ? term.value : 0n);
  const index = (term: Term): string => {
    if (term.kind === 'attribute') return term.name.slice('arg'.length);
    return term.kind === 'mask' ? index(term.term) : '';
  };
  if (left.kind === 'mask') return `${index(left)} 7 ${left.mask} ${value(right)}`;
  return `${index(left)} ${['', '!=', '<', '<=', '==', '>=', '>'].indexOf(operator)} ${value(right)} 0`;
}
