import { type LaunchStep, launchSteps } from '../ir/launch.ts';
import type { Classification, MachineArchitecture } from '../ir/obligation.ts';
import {
  fields,
  GuardrailDifference,
  items,
  only,
  readPredicate,
  readText,
} from '../verify/guardrail/read-predicate.ts';
import { canonicalJson, type Json } from './canonical-json.ts';
import type { ImageLimits, ImageMetadata, ImageRule, InstanceDefaults } from './metadata.ts';

/** What the text says, or why it is not the metadata of an image. */
export type MetadataReading = { readonly metadata: ImageMetadata } | { readonly problem: string };

const keys: readonly (keyof ImageMetadata)[] = [
  'source_template',
  'template_version',
  'architecture',
  'base',
  'base_image',
  'compilation_id',
  'compiled_at',
  'allowed_profiles',
  'cost_estimates',
  'resource_limits',
  'data_classification',
  'compliance_frameworks',
  'data_handling',
  'approval_required',
  'encrypted_storage',
  'instance_defaults',
  'rules',
];

/**
 * Reads the canonical JSON of an image's metadata. Any other JSON is refused, and so is a key that has no meaning here: it
 * may be a limit.
 */
export function readMetadata(text: string): MetadataReading {
  if (depthOf(text) > deepest) return { problem: 'the metadata is nested too deeply' };
  try {
    const value: Json = JSON.parse(text);
    // So no key is there twice, of which readers take the first or the last. Keys that are numbers, which objects have in
    // the order of the numbers, are the only reason why the canonical text of what was read is not what is written first.
    if (JSON.stringify(value) !== text && canonicalJson(value) !== text) {
      return { problem: 'the metadata is no canonical JSON' };
    }
    return { metadata: metadataOf(fields(value)) };
  } catch (problem) {
    if (problem instanceof GuardrailDifference) return { problem: `the metadata has ${problem.message}` };
    if (problem instanceof SyntaxError) return { problem: 'the metadata is no JSON' };
    throw problem;
  }
}

/** What rules are nested in is far less; whoever reads, decides and prints them calls itself for each level. */
const deepest = 256;

/** How many brackets of a JSON text are open at once, at the most. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === backslash && inString) at += 1;
    else if (unit === quote) inString = !inString;
    else if (inString) continue;
    else if (unit === openBracket || unit === openBrace) most = Math.max(most, ++depth);
    else if (unit === closeBracket || unit === closeBrace) depth -= 1;
  }
  return most;
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

function metadataOf(node: Fields): ImageMetadata {
  only(node, keys);
  return {
    source_template: readText(node.source_template),
    template_version: readText(node.template_version),
    architecture: oneOf(architectures, node.architecture),
    ...optional(node, 'base', readText),
    ...optional(node, 'base_image', readText),
    ...optional(node, 'compilation_id', readText),
    ...optional(node, 'compiled_at', readText),
    ...optional(node, 'allowed_profiles', texts),
    cost_estimates: prices(node.cost_estimates),
    ...optional(node, 'resource_limits', limits),
    ...optional(node, 'data_classification', (value) => oneOf(classifications, value)),
    ...optional(node, 'compliance_frameworks', texts),
    ...optional(node, 'data_handling', texts),
    ...optional(node, 'approval_required', yes),
    ...optional(node, 'encrypted_storage', yes),
    ...optional(node, 'instance_defaults', defaults),
    ...optional(node, 'rules', (value) => items(value).map(rule)),
  };
}

type Fields = Readonly<Record<string, unknown>>;

const architectures: readonly MachineArchitecture[] = ['x86_64', 'arm64'];
const classifications: readonly Classification[] = ['public', 'internal', 'confidential', 'restricted'];

function limits(value: unknown): ImageLimits {
  const node = fields(value);
  only(node, ['max_instance_types', 'forbidden_regions', 'max_hourly_cost', 'required_tags']);
  return {
    ...optional(node, 'max_instance_types', instanceTypes),
    ...optional(node, 'forbidden_regions', texts),
    ...optional(node, 'max_hourly_cost', amount),
    ...optional(node, 'required_tags', texts),
  };
}

/** A list, or sizes by family. */
function instanceTypes(value: unknown): readonly string[] {
  if (Array.isArray(value)) return texts(value);
  const types: string[] = [];
  for (const [family, sizes] of Object.entries(fields(value))) {
    for (const size of texts(sizes)) types.push(`${family}.${size}`);
  }
  return types.sort();
}

function defaults(value: unknown): InstanceDefaults {
  const node = fields(value);
  only(node, ['type', 'ports', 'root_volume_gb']);
  return {
    ...optional(node, 'type', readText),
    ...optional(node, 'ports', (ports) => items(ports).map(amount)),
    ...optional(node, 'root_volume_gb', amount),
  };
}

function rule(value: unknown): ImageRule {
  const node = fields(value);
  only(node, ['step', 'denied']);
  return { step: oneOf<LaunchStep>(launchSteps, node.step), denied: readPredicate(node.denied) };
}

function prices(value: unknown): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(fields(value)).map(([of, price]) => [of, amount(price)]));
}

function texts(value: unknown): readonly string[] {
  return items(value).map(readText);
}

function amount(value: unknown): number {
  if (typeof value !== 'number' || value < 0) throw new GuardrailDifference(`no amount: ${JSON.stringify(value)}`);
  return value;
}

/** Only what limits is written, and so `false` is not. */
function yes(value: unknown): true {
  if (value !== true) throw new GuardrailDifference(`another value than true: ${JSON.stringify(value)}`);
  return true;
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new GuardrailDifference(`an unknown value: ${JSON.stringify(value)}`);
  return found;
}

function optional<K extends string, T>(node: Fields, key: K, read: (value: unknown) => T): { readonly [P in K]?: T } {
  const result: { [P in K]?: T } = {};
  const value = node[key];
  if (value !== undefined) result[key] = read(value);
  return result;
}
