import type { RelatedSpan } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { cubesOf, isWithinCube } from '../../../expressions/cubes.ts';
import { conditionOf } from '../../../expressions/simplify.ts';
import { printEffect } from '../../../ir/print.ts';
import { strictness } from '../../../ir/strictness.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Endpoint } from '../endpoint.ts';
import type { SandboxDocument } from '../shape.ts';
import { each, type Lowering, levelRank, modeRank, type Picked } from './lowering.ts';
import { endpointPredicate } from './network.ts';

/** What is looser about `here`, in a few words; undefined where nothing is. */
type Loosens<T> = (here: T, there: T) => string | undefined;

/**
 * Says where a value that replaces the one of a base allows more than the base does (POL5023), and where a `mode` or a
 * `level` has no effect because a base asks for more (POL5027). A policy that extends nothing is not looked at.
 */
export function checkLoosened(lowering: Lowering): void {
  const { layers } = lowering;
  if (layers.length < 2) return;
  const compare = <T>(
    field: string,
    pick: (document: SandboxDocument) => Located<T> | undefined,
    loosens: Loosens<T>,
  ): void => {
    const [here, ...bases] = each(layers, pick);
    if (here === undefined) return;
    reportLooser(
      field,
      here,
      bases.flatMap((base) => ({ base, how: loosens(here.value, base.value) })),
      lowering,
    );
  };

  reportWeaker('mode', (document) => document.mode, modeRank, lowering);
  reportWeaker('level', (document) => document.security?.value.level, levelRank, lowering);

  compare(
    'security.seccomp.default',
    ({ security }) => security?.value.seccomp?.value.default,
    (here, there) =>
      strictness(here) < strictness(there)
        ? `\`${printEffect(here)}\` instead of \`${printEffect(there)}\``
        : undefined,
  );
  compare('security.seccomp.architectures', ({ security }) => security?.value.seccomp?.value.architectures, added);
  compare('security.capabilities', ({ security }) => security?.value.capabilities, added);
  compare('security.landlock.bind', ({ security }) => security?.value.landlock?.value.bind, added);
  compare('security.landlock.connect', ({ security }) => security?.value.landlock?.value.connect, added);
  landlockOff(lowering);

  compare('network.mode', ({ network }) => network?.value.mode, widened);
  compare(
    'network.dns',
    ({ network }) => network?.value.dns,
    (here, there) => (here === 'enabled' && there === 'disabled' ? '`enabled` instead of `disabled`' : undefined),
  );
  compare('network.outbound', ({ network }) => network?.value.outbound, farther);

  for (const name of ['memory', 'cpu', 'pids', 'disk', 'tmpfs', 'timeout'] as const) {
    compare(`resources.${name}`, ({ resources }) => resources?.value[name], raised);
  }
  const rlimitsOf = ({ resources }: SandboxDocument) => resources?.value.rlimits?.value ?? [];
  for (const name of new Set(layers.flatMap(({ document }) => rlimitsOf(document).map(({ key }) => key.value)))) {
    const pick = (document: SandboxDocument) => rlimitsOf(document).find(({ key }) => key.value === name)?.value;
    compare(`resources.rlimits.${name}`, pick, raised);
  }
}

/** The base as its `extends` names it. */
function fileOf({ by }: Picked<unknown>): string {
  return (by ?? '').replace(/^extends /, '');
}

interface Looser {
  readonly base: Picked<unknown>;
  readonly how: string | undefined;
}

function reportLooser(field: string, here: Picked<unknown>, all: readonly Looser[], { diagnostics }: Lowering): void {
  const looser = all.filter(({ how }) => how !== undefined);
  if (looser.length === 0) return;
  const related = looser.map(({ base }): RelatedSpan => ({ span: base.span, label: `what \`${fileOf(base)}\` says` }));
  diagnostics.push(
    report('POL5023', here.span, { field, by: fileOf(looser[0]!.base), how: looser[0]!.how ?? '' }, { related }),
  );
}

function reportWeaker<T extends string>(
  field: string,
  pick: (document: SandboxDocument) => Located<T> | undefined,
  rank: Readonly<Record<T, number>>,
  { layers, diagnostics }: Lowering,
): void {
  const own = pick(layers[0]!.document);
  if (own === undefined) return;
  const stricter = each(layers, pick).find(({ value }) => rank[value] > rank[own.value]);
  if (stricter === undefined) return;
  const related = [{ span: stricter.span, label: 'is stricter' }];
  const values = { field, value: own.value, by: fileOf(stricter), stricter: stricter.value };
  diagnostics.push(report('POL5027', own.span, values, { related }));
}

/** `enabled: false` leaves open what the bases say of files, ports and scopes. */
function landlockOff(lowering: Lowering): void {
  const all = each(lowering.layers, ({ security }) => security?.value.landlock);
  const at = all.findIndex(({ value }) => value.enabled !== undefined);
  const switched = all[at];
  const enabled = switched?.value.enabled;
  if (switched === undefined || enabled?.value !== false) return;
  const bases = all
    .slice(at + 1)
    .filter(({ value }) => value.enabled?.value !== false)
    .map((base) => ({
      base: base.key === undefined ? base : { ...base, span: base.key },
      how: 'it lifts the paths, ports and scopes there',
    }));
  reportLooser('security.landlock.enabled', { ...switched, ...enabled }, bases, lowering);
}

function added<T extends string | number>(
  here: readonly Located<T>[],
  there: readonly Located<T>[],
): string | undefined {
  const known = new Set(there.map(({ value }) => value));
  const more = here.filter(({ value }) => !known.has(value)).map(({ value }) => `\`${value}\``);
  return more.length === 0 ? undefined : `it adds ${more.join(', ')}`;
}

function raised(here: number, there: number): string | undefined {
  return here > there ? 'a higher limit' : undefined;
}

const reach = { none: 0, 'loopback-only': 1, host: 2 } as const;

function widened(here: keyof typeof reach, there: keyof typeof reach): string | undefined {
  return reach[here] > reach[there] ? `\`${here}\` instead of \`${there}\`` : undefined;
}

/** Whether a destination lies within no single one of the base. */
function farther(here: readonly Located<Endpoint>[], there: readonly Located<Endpoint>[]): string | undefined {
  const cubesIn = (entry: Located<Endpoint>) => cubesOf(conditionOf(endpointPredicate(entry))) ?? [];
  const known = there.flatMap(cubesIn);
  const more = here.filter((entry) => !cubesIn(entry).every((cube) => known.some((base) => isWithinCube(cube, base))));
  if (more.length === 0) return undefined;
  return more.length === 1 ? 'it adds a destination' : `it adds ${more.length} destinations`;
}
