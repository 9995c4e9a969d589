import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { type Cube, conjoin, cubesOf, subtract } from '../../../expressions/cubes.ts';
import { inSet } from '../../../expressions/predicate.ts';
import { conditionOf } from '../../../expressions/simplify.ts';
import type { Effect, Rule } from '../../../ir/policy.ts';
import { groupMembers } from '../../../tables/syscall-groups.ts';
import type { Preset, PresetRule } from '../presets.ts';
import type { SeccompDocument } from '../shape.ts';
import type { Picked } from './lowering.ts';

/** Pieces beyond this number are not told apart: the conflict is then reported for the whole. */
const MOST_PIECES = 64;

/** A name in a list that is an exception from the preset. */
export interface Exception {
  readonly key: 'log' | 'allow';
  readonly entry: Picked<string>;
}

/**
 * What is left of the preset, and the names in `allow` and `log` that are exceptions from it, each with a warning
 * (POL5017). A group that happens to hold one was not written with it in mind, and what is `firm` gives way to no list.
 */
export function exceptNamed(
  refused: readonly PresetRule[],
  documents: readonly Picked<SeccompDocument>[],
  level: Preset,
  diagnostics: Diagnostic[],
): { readonly presets: readonly PresetRule[]; readonly exceptions: readonly Exception[] } {
  const denied = new Set(
    documents.flatMap(({ value }) =>
      (value.deny?.value ?? []).flatMap((name) => groupMembers(name.value) ?? [name.value]),
    ),
  );
  const excepted = new Set<string>();
  const exceptions: Exception[] = [];
  for (const { value, by, source } of documents) {
    for (const key of ['log', 'allow'] as const) {
      for (const entry of value[key]?.value ?? []) {
        const { value: name, span } = entry;
        if (denied.has(name) || excepted.has(name)) continue;
        const lost = refused.find(({ firm, when }) => !firm && when.kind === 'in-set' && when.values.includes(name));
        if (lost === undefined) continue;
        excepted.add(name);
        exceptions.push({ key, entry: { ...entry, by, source } });
        diagnostics.push(report('POL5017', span, { level, names: `\`${name}\``, lost: shortDoc(lost.doc) }));
      }
    }
  }
  const presets = refused.flatMap((rule) => {
    if (excepted.size === 0 || rule.firm || rule.when.kind !== 'in-set') return [rule];
    const left = rule.when.values.filter((name) => !excepted.has(name));
    return left.length === 0 ? [] : [{ ...rule, when: inSet(rule.when.term, left) }];
  });
  return { presets, exceptions };
}

/**
 * Says where an entry of `rules` lets through what the preset refuses. In `mode: hardened`, where `level` is undefined,
 * the preset decides all the same (POL5025); otherwise the entry does (POL5017).
 */
export function checkLevelKept(
  authored: readonly Rule[],
  presets: readonly Rule[],
  level: Preset | undefined,
  diagnostics: Diagnostic[],
): void {
  const left = presets.map(({ when }) => cubesOf(conditionOf(when)) ?? []);
  for (const rule of authored) {
    const cubes = cubesOf(conditionOf(rule.when)) ?? [];
    const names = new Set<string>();
    left.forEach((pieces, index) => {
      const shared = pieces.flatMap((piece) => cubes.flatMap((cube) => conjoin(piece, cube) ?? []));
      if (shared.length === 0) return;
      for (const name of shared.flatMap(namesIn)) names.add(name);
      // What an entry decides, no later one does.
      const rest = cubes.reduce<readonly Cube[]>((all, cube) => all.flatMap((piece) => subtract(piece, cube)), pieces);
      if (rest.length <= MOST_PIECES) left[index] = rest;
    });
    if (names.size === 0 || !letsPass(rule.effect)) continue;
    const { span } = rule.origin;
    const related = [{ span: presets[0]!.origin.span, label: 'refuses it' }];
    const listed = listOf([...names]);
    diagnostics.push(
      level === undefined
        ? report('POL5025', span, { names: listed }, { related })
        : report('POL5017', span, { level, names: listed, lost: 'what the level refuses of them' }, { related }),
    );
  }
}

function letsPass({ kind }: Effect): boolean {
  return kind === 'allow' || kind === 'log';
}

function namesIn(literal: Cube[number]): readonly string[] {
  return literal.key === 'syscall' && literal.domain.kind === 'strings' && !literal.domain.complement
    ? literal.domain.values
    : [];
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 4).map((name) => `\`${name}\``);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}

/** What a preset rule is against, without its examples. */
function shortDoc(doc: string): string {
  return doc.split(/[:;]/)[0]!;
}
