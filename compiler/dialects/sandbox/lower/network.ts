import { report } from '../../../diagnostics/report.ts';
import { and, attribute, compare, inSet, literal, or, type Predicate } from '../../../expressions/predicate.ts';
import type { Decision, Effect, Rule } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Endpoint } from '../endpoint.ts';
import { each, first, type Lowering, origin, type Picked } from './lowering.ts';

const operation = attribute('operation');
const protocol = attribute('protocol');
const allow: Effect = { kind: 'allow' };
const internet = inSet(protocol, ['tcp', 'udp']);
const outgoing = inSet(operation, ['connect', 'send']);
const loopback = or(
  { kind: 'in-network', term: attribute('address'), network: '127.0.0.0/8' },
  { kind: 'in-network', term: attribute('address'), network: '::1/128' },
);

/** The `socket` and `signal` decisions: network mode, DNS, where to connect, which ports, and scopes. */
export function lowerNetwork(lowering: Lowering): readonly Decision[] {
  return [lowerSockets(lowering), lowerSignals(lowering)].filter((decision) => decision !== undefined);
}

/**
 * Denials (DNS, the abstract socket scope) win over what is allowed. The allows of each direction are the mode's,
 * narrowed by the lists that are there: a list that is absent narrows nothing, an empty one allows nothing.
 */
function lowerSockets(lowering: Lowering): Decision | undefined {
  const { layers, diagnostics } = lowering;
  const landlockOff = first(layers, (document) => document.security?.value.landlock?.value.enabled)?.value === false;
  const mode = first(layers, (document) => document.network?.value.mode);
  const dns = first(layers, (document) => document.network?.value.dns);
  const outbound = first(layers, (document) => document.network?.value.outbound);
  const bind = landlockOff ? undefined : first(layers, (document) => document.security?.value.landlock?.value.bind);
  const connect = landlockOff
    ? undefined
    : first(layers, (document) => document.security?.value.landlock?.value.connect);
  const scope = scopeOf(lowering, 'abstract-unix-socket');
  const anchor = mode ?? outbound ?? connect ?? bind ?? (dns?.value === 'disabled' ? dns : undefined) ?? scope;
  if (anchor === undefined) return undefined;
  const anchorTopic = (
    [
      [mode, 'network.mode'],
      [outbound, 'network.outbound'],
      [connect, 'security.landlock.connect'],
      [bind, 'security.landlock.bind'],
      [dns, 'network.dns'],
    ] as const
  ).find(([field]) => field === anchor)?.[1];

  if (outbound !== undefined && outbound.value.length > 0 && mode !== undefined && mode.value !== 'host') {
    diagnostics.push(
      report(
        'POL5014',
        outbound.value[0]!.span,
        { mode: mode.value },
        { related: [{ span: mode.span, label: 'this network has no way out' }] },
      ),
    );
  }
  const rules: Rule[] = [];
  const add: Add = (topic, when, effect, at) => {
    rules.push({ id: `socket/${rules.length}`, topic, when, effect, origin: origin(at.span, at.by) });
  };

  if (dns?.value === 'disabled') {
    add(
      'network.dns',
      and(internet, { kind: 'in-ranges', term: attribute('port'), ranges: [{ low: 53n, high: 53n }] }, outgoing),
      { kind: 'deny' },
      dns,
    );
  }
  if (scope !== undefined) {
    const abstract = inSet(protocol, ['unix-abstract']);
    add(
      'security.landlock.scopes',
      and(abstract, compare(attribute('outside'), '==', literal(true))),
      { kind: 'deny' },
      scope,
    );
  }
  const restrained = mode !== undefined || outbound !== undefined || bind !== undefined || connect !== undefined;
  if (restrained && mode?.value !== 'none') {
    const base = mode ?? anchor;
    allowBinds(bind, base, add);
    const destinations: readonly Destination[] =
      outbound === undefined || mode?.value === 'loopback-only'
        ? [
            {
              topic: 'network.mode',
              when: mode?.value === 'loopback-only' ? and(internet, loopback) : internet,
              at: base,
            },
          ]
        : outbound.value.map((entry, index) => ({
            topic: `network.outbound[${index}]`,
            when: endpointPredicate(entry),
            at: { ...outbound, ...entry },
          }));
    for (const destination of destinations) allowConnects(connect, destination, add);
    if (scope === undefined) add('network.mode', inSet(protocol, ['unix-abstract']), allow, base);
  }
  return {
    point: 'socket',
    combine: 'deny-overrides',
    rules,
    otherwise: {
      id: 'socket/otherwise',
      topic: anchorTopic ?? 'security.landlock.scopes',
      origin: origin(anchor.span, anchor.by),
      effect: restrained ? { kind: 'deny' } : { kind: 'allow' },
    },
  };
}

interface Destination {
  readonly topic: string;
  readonly when: Predicate;
  readonly at: Picked<unknown>;
}

type Add = (topic: string, when: Predicate, effect: Effect, at: Picked<unknown>) => void;

/** A bind in a network of one's own reaches nobody but oneself, so the mode does not narrow it; the port list does. */
function allowBinds(bind: Picked<readonly Located<number>[]> | undefined, base: Picked<unknown>, add: Add): void {
  const binding = inSet(operation, ['bind']);
  if (bind === undefined) {
    add('network.mode', and(internet, binding), allow, base);
    return;
  }
  add('security.landlock.bind', and(binding, tcpPorts(bind)), allow, bind);
  add('network.mode', and(inSet(protocol, ['udp']), binding), allow, base);
}

/** The port list narrows TCP only, as Landlock does: UDP follows the destination alone. */
function allowConnects(
  connect: Picked<readonly Located<number>[]> | undefined,
  { topic, when, at }: Destination,
  add: Add,
): void {
  if (connect === undefined) {
    add(topic, and(outgoing, when), allow, at);
    return;
  }
  const place = topic === 'network.mode' ? { topic: 'security.landlock.connect', at: connect } : { topic, at };
  add(place.topic, and(inSet(operation, ['connect']), tcpPorts(connect), when), allow, place.at);
  add(topic, and(inSet(protocol, ['udp']), outgoing, when), allow, at);
}

function tcpPorts({ value }: Picked<readonly Located<number>[]>): Predicate {
  const ports = [...new Set(value.map((port) => port.value))].sort((left, right) => left - right).map(BigInt);
  const ranges: { low: bigint; high: bigint }[] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last !== undefined && last.high + 1n === port) last.high = port;
    else ranges.push({ low: port, high: port });
  }
  return and(inSet(protocol, ['tcp']), { kind: 'in-ranges', term: attribute('port'), ranges });
}

export function endpointPredicate({ value }: Located<Endpoint>): Predicate {
  return and(
    inSet(protocol, value.protocols),
    ...(value.network === undefined
      ? []
      : [{ kind: 'in-network', term: attribute('address'), network: value.network } as const]),
    ...(value.ports === undefined
      ? []
      : [
          {
            kind: 'in-ranges',
            term: attribute('port'),
            ranges: [{ low: BigInt(value.ports.low), high: BigInt(value.ports.high) }],
          } as const,
        ]),
  );
}

function lowerSignals(lowering: Lowering): Decision | undefined {
  const scope = scopeOf(lowering, 'signal');
  if (scope === undefined) return undefined;
  return {
    point: 'signal',
    combine: 'deny-overrides',
    rules: [
      {
        id: 'signal/0',
        topic: 'security.landlock.scopes',
        origin: origin(scope.span, scope.by),
        when: compare(attribute('outside'), '==', literal(true)),
        effect: { kind: 'deny' },
      },
    ],
    otherwise: {
      id: 'signal/otherwise',
      topic: 'security.landlock.scopes',
      origin: origin(scope.span, scope.by),
      effect: { kind: 'allow' },
    },
  };
}

function scopeOf({ layers }: Lowering, name: 'abstract-unix-socket' | 'signal'): Picked<unknown> | undefined {
  if (first(layers, (document) => document.security?.value.landlock?.value.enabled)?.value === false) return undefined;
  for (const list of each(layers, (document) => document.security?.value.landlock?.value.scopes)) {
    const found = list.value.find(({ value }) => value === name);
    if (found !== undefined) return { ...found, by: list.by, source: list.source };
  }
  return undefined;
}
