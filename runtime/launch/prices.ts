import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { region as regionName } from '../../compiler/dialects/aws-region.ts';
import { instanceType as typeName } from '../../compiler/dialects/template/names.ts';
import type { DescribeTemplate, MachineArchitecture } from '../../compiler/ir/obligation.ts';
import { mapping, oneOf } from '../../compiler/schema/collections.ts';
import { kindOf } from '../../compiler/schema/node-kind.ts';
import { expectScalar, replaceWith, shorten, text } from '../../compiler/schema/scalars.ts';
import type { Shape } from '../../compiler/schema/shape.ts';
import { isRegion } from '../../compiler/tables/aws-regions.ts';
import { instanceType as findType } from '../../compiler/tables/instance-types.ts';
import { readYamlData } from '../guardrail/yaml-data.ts';

/** US dollars an hour, by instance type. */
type ByType = ReadonlyMap<string, number>;

export interface Prices {
  /** Of a region where one says something else than everywhere. */
  readonly regions: ReadonlyMap<string, ByType>;
  readonly everywhere: ByType;
}

const noun = 'a price in US dollars an hour';

/** A price that is right, and undefined, after saying so, for one that is wrong. */
const price: Shape<number> = {
  description: { kind: 'number', integer: false, minimum: 0 },
  decode(node, { diagnostics }) {
    const scalar = expectScalar(node, noun, { diagnostics });
    if (scalar === undefined) return undefined;
    const { value } = scalar;
    const written = typeof value === 'bigint' ? Number(value) : value;
    if (typeof written !== 'number') {
      const [, meant] = /^\$? *([0-9]+(?:\.[0-9]+)?)$/.exec(scalar.text) ?? [];
      const found = { expected: noun, found: kindOf(scalar) };
      diagnostics.push(report('POL2004', scalar.span, found, replaceWith(scalar, meant, false)));
      return undefined;
    }
    if (!(written >= 0 && written < Number.POSITIVE_INFINITY)) {
      diagnostics.push(report('POL8300', scalar.span, { value: shorten(scalar.text) }));
      return undefined;
    }
    if (written === 0) diagnostics.push(report('POL8301', scalar.span, {}));
    return written;
  },
};

const pricesOfRegion = mapping(typeName, price);
const entry = mapping(text('a region or an instance type'), oneOf(price, pricesOfRegion));

/** Instance types with their prices, and regions with instance types; which of the two a key is shows in its value. */
const file: Shape<Prices> = {
  description: entry.description,
  decode(node, context) {
    if (node.kind !== 'map') {
      entry.decode(node, context);
      return undefined;
    }
    const everywhere = new Map<string, number>();
    const regions = new Map<string, ByType>();
    for (const { key, value } of node.entries) {
      const isOfRegion = isRegion(key.text) || (findType(key.text) === undefined && value.kind === 'map');
      if (isOfRegion) {
        const region = regionName.decode(key, context);
        const types = pricesOfRegion.decode(value, context);
        if (region === undefined || types === undefined) continue;
        regions.set(region, new Map(types.map((each) => [each.key.value, each.value.value])));
      } else {
        const type = typeName.decode(key, context);
        const dollars = price.decode(value, context);
        if (type !== undefined && dollars !== undefined) everywhere.set(type, dollars);
      }
    }
    const isEmpty = node.entries.every(({ value }) => value.kind === 'map' && value.entries.length === 0);
    if (isEmpty) context.diagnostics.push(report('POL8302', node.span, {}));
    return { regions, everywhere };
  },
};

/** Reads a price file, YAML or JSON. It counts as a whole: one that has an error has no price. Never throws. */
export function readPrices(
  path: string,
  content: Uint8Array | string,
): { readonly prices: Prices | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readYamlData(path, content, file);
  const isWrong = diagnostics.some(({ severity }) => severity === 'error');
  return { prices: isWrong ? undefined : value, diagnostics };
}

/** What an instance is to be, as far as its price goes. */
export interface PricedInstance {
  /** What its template estimates, by architecture or instance type. */
  readonly costs: DescribeTemplate['costs'];
  readonly instanceType: string;
  readonly region: string;
  /** Of the image. Absent: that of the instance type. */
  readonly architecture?: MachineArchitecture;
  /** The instance type that the template starts with. */
  readonly defaultType?: string;
}

export interface HourlyCost {
  /** US dollars. */
  readonly dollars: number;
  readonly from: 'price-file' | 'template';
}

/**
 * What an instance costs in an hour: by the price file, in its region before everywhere; and else as the template
 * estimates it, where what it says of an architecture is said of its own instance type, and of no bigger one. Undefined
 * where nobody says it, which is refused under a limit.
 */
export function hourlyCost(instance: PricedInstance, prices?: Prices): HourlyCost | undefined {
  const { costs, instanceType, region, defaultType } = instance;
  const listed = prices?.regions.get(region)?.get(instanceType) ?? prices?.everywhere.get(instanceType);
  if (listed !== undefined) return { dollars: listed, from: 'price-file' };
  const estimates = new Map(costs);
  const architecture = instance.architecture ?? findType(instanceType)?.architecture;
  const isDefault = instanceType === defaultType && architecture !== undefined;
  const estimated = estimates.get(instanceType) ?? (isDefault ? estimates.get(architecture) : undefined);
  return estimated === undefined ? undefined : { dollars: estimated, from: 'template' };
}
