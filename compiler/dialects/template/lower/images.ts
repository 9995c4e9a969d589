import { report } from '../../../diagnostics/report.ts';
import type { BuildImages, BuiltImage, MachineArchitecture } from '../../../ir/obligation.ts';
import type { Obligation } from '../../../ir/policy.ts';
import type { MappingEntry } from '../../../schema/collections.ts';
import type { Located } from '../../../schema/shape.ts';
import { baseOfImages } from '../../../tables/base-images.ts';
import { instanceType, instanceTypes } from '../../../tables/instance-types.ts';
import { imagesAsBase } from '../names.ts';
import type { CompilationDocument } from '../policy-fields.ts';
import { all, checkList, type Lowering, last, lastOf, listed } from './lowering.ts';
import { checkWanted } from './regions.ts';
import { type Setup, setupScript } from './setup.ts';

type Images = readonly MappingEntry<string, readonly MappingEntry<MachineArchitecture, string>[]>[];

/** What instances begin with, and what is built. Undefined where no base is known, which has been reported. */
export function lowerImages(
  setup: Setup,
  types: readonly string[] | undefined,
  lowering: Lowering,
): (Obligation & BuildImages) | undefined {
  const { document, source } = lowering.own;
  const { compile_to_ami: compile, precompiled_amis: precompiled } = document;
  const wanted = compile?.value.enabled?.value === true ? compile.value : undefined;
  // An architecture that is asked for and that nothing can run is reported there.
  const asked = wanted?.architectures?.value.map(({ value }) => value) ?? [];
  const base = baseOf(types, asked, lowering);
  if (base === undefined) return undefined;
  const built = checkedImages(precompiled?.value ?? [], types, asked, lowering);
  if (wanted?.regions !== undefined) {
    checkList(wanted.regions, 'regions', lowering);
    checkWanted(wanted.regions.value, lowering);
  }
  if (wanted !== undefined) checkList(wanted.architectures, 'architectures', lowering);
  const architectures = wanted === undefined ? [] : usable(wanted, types, lowering);
  const builder = wanted?.build_instance;
  if (builder !== undefined) checkBuilder(builder, architectures, lowering);
  const custom = wanted?.custom_script?.value;
  const tags = lastOf(
    [...all(lowering, ({ tags: of }) => of?.value), ...(wanted?.build_tags?.value ?? [])].map(
      ({ key, value }): readonly [string, string] => [key.value, value.value],
    ),
    ([key]) => key,
  );
  const place = compile ?? document.base ?? document.name;
  return {
    id: 'images',
    topic: compile === undefined ? 'base' : 'compile_to_ami',
    origin: { span: place?.key ?? place?.span ?? { file: source.path, start: 0, end: 0 } },
    kind: 'build-images',
    base,
    regions: sorted(wanted?.regions?.value.map(({ value }) => value) ?? []),
    architectures: sorted(architectures),
    ...(builder === undefined ? {} : { builder: builder.value }),
    encrypted: wanted?.encrypted?.value === true || wanted?.kms_key !== undefined,
    ...(wanted?.kms_key === undefined ? {} : { key: wanted.kms_key.value }),
    script: setupScript(setup, 'image', custom),
    tags: [...tags].sort(([left], [right]) => (left < right ? -1 : 1)),
    built,
  };
}

function baseOf(
  types: readonly string[] | undefined,
  asked: readonly MachineArchitecture[],
  lowering: Lowering,
): string | undefined {
  const { own, layers, diagnostics } = lowering;
  const base = last(lowering, (document) => document.base);
  if (base === undefined) {
    // Without `inherits` the key itself is missing, which has been reported.
    const inherits = own.document.inherits;
    if (inherits !== undefined) diagnostics.push(report('POL5315', inherits.span, {}));
    return undefined;
  }
  const other = layers
    .map(({ document }) => document.base)
    .find((each) => each !== undefined && each.value !== base.value);
  if (own.document.base === undefined && other !== undefined) {
    const related = [{ span: other.span, label: `\`${other.value}\` here` }];
    const span = own.document.inherits?.span ?? base.span;
    diagnostics.push(report('POL5316', span, { base: base.value }, { related }));
  }
  const images = last(lowering, ({ ami_config: of }) => of?.value.amis);
  if (base.value !== imagesAsBase) {
    const unused = own.document.ami_config?.value.amis;
    if (unused !== undefined) {
      const related = [{ span: base.span, label: 'the base' }];
      diagnostics.push(report('POL5317', unused.key ?? unused.span, { base: base.value }, { related }));
    }
    return base.value;
  }
  if (images === undefined) {
    diagnostics.push(report('POL5318', base.span, {}));
    return undefined;
  }
  return baseOfImages(checkedImages(images.value, types, asked, lowering));
}

/** The images of a map by region and architecture. An image lies in one region, and is of one architecture. */
function checkedImages(
  images: Images,
  types: readonly string[] | undefined,
  asked: readonly MachineArchitecture[],
  { diagnostics }: Lowering,
): readonly BuiltImage[] {
  const places = new Map<string, Located<string>[]>();
  const built = images.flatMap(({ key: region, value: { value: entries } }) =>
    entries.map(({ key: { value: architecture, span }, value: image }): BuiltImage => {
      places.set(image.value, [...(places.get(image.value) ?? []), image]);
      const isRun = types === undefined || types.length === 0 || canRun(types, architecture);
      if (!isRun && !asked.includes(architecture)) {
        diagnostics.push(report('POL5320', span, { architecture, types: listed(types ?? []) }));
      }
      return { region: region.value, architecture, image: image.value };
    }),
  );
  for (const [image, [first, second, ...others]] of places) {
    if (first === undefined || second === undefined) continue;
    const related = [first, ...others].map(({ span }) => ({ span, label: 'the same image' }));
    diagnostics.push(report('POL5319', second.span, { image }, { related }));
  }
  return built.sort((left, right) =>
    `${left.region} ${left.architecture}` < `${right.region} ${right.architecture}` ? -1 : 1,
  );
}

/** The architectures for which images are built: those that an allowed type has, where some are to be dropped. */
function usable(
  { architectures, unusable_architectures: unusable }: CompilationDocument,
  types: readonly string[] | undefined,
  { diagnostics }: Lowering,
): readonly MachineArchitecture[] {
  return (architectures?.value ?? []).flatMap(({ value, span }) => {
    if (types === undefined || types.length === 0 || canRun(types, value)) return [value];
    const values = { architecture: value, types: listed(types) };
    if (unusable?.value === 'drop') {
      diagnostics.push(report('POL5322', span, values));
      return [];
    }
    const similar = similarTypes(types, value);
    const notes = similar.length === 0 ? [] : [`of the same size there are ${listed(similar)}`];
    diagnostics.push(report('POL5321', span, values, { notes }));
    return [];
  });
}

function checkBuilder(
  { value, span }: Located<string>,
  architectures: readonly MachineArchitecture[],
  { diagnostics }: Lowering,
): void {
  const own = instanceType(value)?.architecture;
  const others = architectures.filter((architecture) => architecture !== own);
  if (own === undefined || others.length === 0) return;
  diagnostics.push(report('POL5323', span, { type: value, architectures: listed(others) }));
}

function canRun(types: readonly string[], architecture: MachineArchitecture): boolean {
  return types.some((type) => instanceType(type)?.architecture === architecture);
}

/** Types of the architecture with as many processors and as much memory as those that are allowed, of newest families. */
function similarTypes(types: readonly string[], architecture: MachineArchitecture): readonly string[] {
  const all = [...instanceTypes()].filter((type) => type.architecture === architecture && type.gpus === 0);
  return types.flatMap((name) => {
    const like = instanceType(name);
    const letter = name[0];
    const fitting = all.filter(
      (type) =>
        like?.cpus !== undefined && type.cpus === like.cpus && type.memory === like.memory && type.name[0] === letter,
    );
    return fitting.slice(0, 1).map((type) => type.name);
  });
}

function sorted<T extends string>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].sort();
}
