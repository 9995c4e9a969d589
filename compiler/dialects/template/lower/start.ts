import { report } from '../../../diagnostics/report.ts';
import type { StartInstance } from '../../../ir/obligation.ts';
import type { Obligation } from '../../../ir/policy.ts';
import { defaultType } from './describe.ts';
import { all, checkList, type Lowering, last, lastOf, listed, originOf } from './lowering.ts';
import { type Setup, setupScript } from './setup.ts';

/** What EC2 takes as user data, in bytes, before it is encoded ("Run commands when you launch an EC2 instance"). */
const userDataLimit = 16_384;

const encoder = new TextEncoder();

/** How an instance begins that a launch says nothing more of. */
export function lowerStart(
  setup: Setup,
  types: readonly string[] | undefined,
  lowering: Lowering,
): Obligation & StartInstance {
  const { own, diagnostics } = lowering;
  const defaults = own.document.instance_defaults;
  const type = defaultType(types, lowering);
  if (type !== undefined && types !== undefined && types.length > 0 && !types.includes(type.value)) {
    diagnostics.push(report('POL5312', type.span, { type: type.value, types: listed(types) }));
  }
  checkList(defaults?.value.instance_type_preference, 'instance_type_preference', lowering);
  const ports = defaults?.value.ports;
  if (ports !== undefined && ports.value.length > 0) checkList(ports, 'ports', lowering);
  const open = new Set(all(lowering, ({ instance_defaults: of }) => of?.value.ports?.value).map(({ value }) => value));
  const services = lastOf(
    all(lowering, ({ services: of }) => of?.value),
    ({ value }) => value.name?.value ?? '',
  );
  for (const { value } of services) {
    const { name, port, enable } = value;
    if (name === undefined || port === undefined || enable?.value === false || open.has(port.value)) continue;
    diagnostics.push(report('POL5313', port.span, { port: port.value, service: name.value }));
  }
  const script = setupScript(setup, 'instance');
  const bytes = encoder.encode(script).length;
  const span = defaults?.key ?? own.document.name?.span ?? { file: own.source.path, start: 0, end: 0 };
  if (bytes > userDataLimit) {
    const largest = longestText(own.document.user_data, own.document.post_install) ?? span;
    diagnostics.push(report('POL5314', largest, { bytes, limit: userDataLimit }));
  }
  const volume = last(lowering, ({ instance_defaults: of }) => of?.value.root_volume_gb);
  return {
    id: 'start',
    topic: defaults === undefined ? 'name' : 'instance_defaults',
    origin: originOf(span, lowering),
    kind: 'start-instance',
    ...(type === undefined ? {} : { instanceType: type.value }),
    ...(volume === undefined ? {} : { rootVolume: volume.value }),
    ports: [...open].sort((left, right) => left - right),
    script,
  };
}

function longestText(...texts: readonly ({ readonly value: string; readonly span: StartSpan } | undefined)[]) {
  return texts
    .flatMap((each) => each ?? [])
    .sort((left, right) => right.value.length - left.value.length)
    .at(0)?.span;
}

type StartSpan = Parameters<typeof originOf>[0];
