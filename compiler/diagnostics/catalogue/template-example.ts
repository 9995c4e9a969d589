/** What an example changes in a template that is sound: parts as YAML on one line. */
interface Changes {
  readonly base?: string;
  readonly types?: string;
  /** Further keys of `policy_metadata.resource_limits`, of `policy_metadata`, and of the template. */
  readonly limits?: string;
  readonly metadata?: string;
  readonly defaults?: string;
  /** The whole of `compile_to_ami`. */
  readonly compile?: string;
  readonly more?: string;
}

/** A whole template for the examples of the catalogue. Simple, since every start of the compiler makes them all. */
export function templateExample(changes: Changes = {}): string {
  const {
    base = 'ubuntu-22.04',
    types = '[t3.medium, t4g.medium]',
    limits,
    metadata,
    defaults,
    compile,
    more,
  } = changes;
  const further = (part: string | undefined) => (part === undefined ? '' : `, ${part}`);
  return `name: Python
base: ${base}
packages: { system: [git] }
instance_defaults: { type: t3.medium, ports: [22]${further(defaults)} }
policy_metadata:
  resource_limits: { max_instance_types: ${types}${further(limits)} }
${metadata === undefined ? '' : `  ${metadata}\n`}${compile === undefined ? '' : `compile_to_ami: ${compile}\n`}${more === undefined ? '' : `${more}\n`}`;
}
