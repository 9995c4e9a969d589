import { entries } from '../entry.ts';
import { authExample, gatewayExample, rateLimitExample } from './kuadrant-example.ts';

const target = (name: string) => `{ group: gateway.networking.k8s.io, kind: Gateway, name: ${name} }`;
const both = (policy: string) => `${gatewayExample}---\n${policy}`;
const good = both(rateLimitExample());
const conditions = (name: string) =>
  authExample(
    '{ anyone: { anonymous: {} } }',
    `authorization: { only: { patternMatching: { patterns: [{ patternRef: ${name} }] } } }`,
  ).replace(
    '  rules:',
    '  patterns: { admins: { allOf: [{ selector: request.path, operator: eq, value: / }] } }\n  rules:',
  );

/** Names that Kuadrant's resources give each other. */
export const kuadrantNames = entries({
  POL3120: {
    severity: 'warning',
    message: 'no {kind} of the workspace is called `{name}`',
    help: 'correct the name, or add the object to the workspace',
    explanation:
      'A policy whose target does not exist is not enforced: its status says `TargetNotFound`, and nothing else does. Objects of the kind are there in the workspace, and none has this name.',
    bad: both(rateLimitExample({ target: target('gatway') })),
    good,
  },
  POL3121: {
    severity: 'warning',
    message: 'the {kind} `{name}` has no section `{section}`',
    help: 'name a listener of the Gateway, or a rule of the route that has a name',
    explanation: 'A policy for a section that does not exist is not enforced.',
    bad: both(
      rateLimitExample({
        target: `{ group: gateway.networking.k8s.io, kind: Gateway, name: gateway, sectionName: htttp }`,
      }),
    ),
    good: both(
      rateLimitExample({
        target: `{ group: gateway.networking.k8s.io, kind: Gateway, name: gateway, sectionName: http }`,
      }),
    ),
  },
  POL3122: {
    severity: 'error',
    message: 'no set of patterns is called `{name}`',
    help: 'define it below `patterns`, or write the conditions here',
    explanation:
      '`patternRef` names a set of conditions of the same policy. The authoriser refuses a configuration with a name that it does not know, and the policy is not enforced.',
    bad: conditions('admin'),
    good: conditions('admins'),
  },
  POL3123: {
    severity: 'warning',
    message: 'a second {kind} is called `{name}`',
    help: 'give one of them another name, or join them',
    explanation:
      'Of two resources of one kind, name and namespace in a folder the one that is applied last replaces the other.',
    bad: `${rateLimitExample()}---\n${rateLimitExample({ target: target('other') })}`,
    good: `${rateLimitExample()}---\n${rateLimitExample({ metadata: '{ name: others }', target: target('other') })}`,
  },
  POL3124: {
    severity: 'warning',
    message: 'the {kind} `{name}` is in the namespace `{other}`, and this policy in `{own}`',
    help: 'move the policy into `{other}`',
    explanation: 'A policy reaches objects of its own namespace only.',
    bad: both(rateLimitExample({ metadata: '{ name: limits, namespace: web }' })),
    good: both(rateLimitExample({ metadata: '{ name: limits, namespace: gateways }' })),
  },
});
