import { teamOfChange } from './change.ts';
import { checkNames } from './health.ts';
import { Lane } from './lane.ts';
import { openApi } from './openapi.ts';
import type { Operation } from './operation.ts';
import { operationJson } from './operation.ts';
import { problem } from './problem.ts';
import { answered, type Route } from './routes.ts';
import { submit } from './submit.ts';
import type { Caller } from './tokens.ts';

/** Operations that are listed at once. */
const mostListed = 100;

/** A team compiles a small policy at a time, since that holds up all others. */
const mostOfTeam = 32_768;

/** @param routes all routes of the service */
export function serviceRoutes(routes: () => readonly Route[]): readonly Route[] {
  const validations = new Lane();
  return [
    {
      method: 'GET',
      path: '/operations',
      summary: 'List the latest operations.',
      who: ['admin', 'reader'],
      answers: { 200: 'At most a hundred operations, the latest first.' },
      changes: false,
      answer: ({ service }) =>
        answered(200, { operations: service.parts.operations.list().slice(0, mostListed).map(operationJson) }),
    },
    {
      method: 'GET',
      path: '/operations/{operation}',
      summary: 'Say how far an operation is: `waiting`, `running`, `done` or `failed`, with what was found.',
      who: ['admin', 'reader', 'team'],
      answers: { 200: 'The operation.' },
      changes: false,
      answer: ({ service, caller, path: { operation: id = '' } }) => {
        const operation = service.parts.operations.get(id);
        return operation === undefined || !maySee(caller, operation)
          ? problem(404, 'there is no such operation')
          : answered(200, operationJson(operation));
      },
    },
    {
      method: 'POST',
      path: '/repair',
      summary: 'Make the policies what was said, also where others changed them.',
      who: ['admin'],
      answers: { 202: 'The repair waits for its turn; `GET /operations/{operation}` says how far it is.' },
      changes: true,
      answer: (asked) => submit({ kind: 'repair' }, asked),
    },
    {
      method: 'POST',
      path: '/validate',
      summary: 'Compile a tenancy policy by itself, and say what is wrong with it. Nothing is kept.',
      who: ['admin', 'reader', 'team'],
      body: {
        type: 'object',
        description: 'A policy.',
        properties: { policy: { type: 'string', description: 'Its text, in YAML.', maxLength: 262_144 } },
        required: ['policy'],
      },
      answers: { 200: 'Whether it compiles, and the findings.' },
      changes: false,
      answer: async ({ service, caller, body }) => {
        const text = String(body.policy);
        if (caller?.role.kind === 'team' && text.length > mostOfTeam) {
          return problem(413, `the policy of a team has at most ${mostOfTeam} characters`);
        }
        // One after the other, and others are answered in between: nothing else is while a text is compiled.
        const findings = await validations.run(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return service.parts.platform.validate(text);
        });
        return answered(200, { ok: findings.every(({ severity }) => severity !== 'error'), findings });
      },
    },
    {
      method: 'GET',
      path: '/healthz',
      summary: 'Say that the process answers.',
      who: ['anybody'],
      answers: { 200: 'It does.' },
      changes: false,
      answer: () => answered(200, { status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary: 'Say whether policies are in force, templates compile, the operator works and nothing drifts.',
      who: ['anybody'],
      answers: { 200: 'All checks succeed.', 503: 'One of them fails; reasons are for who may read.' },
      changes: false,
      answer: ({ service, caller }) => {
        const failing = service.failing();
        const mayRead = caller !== undefined && caller.role.kind !== 'team';
        const checks = [...new Set([...checkNames, ...failing.keys()])].map((name) => {
          const reason = failing.get(name);
          return [name, reason === undefined ? 'ok' : mayRead ? reason : 'failing'] as const;
        });
        const status = failing.size === 0 ? 'ready' : 'not ready';
        return answered(failing.size === 0 ? 200 : 503, { status, checks: Object.fromEntries(checks) });
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      summary: 'Give the metrics in the text format of Prometheus.',
      who: ['admin', 'reader'],
      answers: { 200: 'The metrics.' },
      changes: false,
      answer: ({ service }) => ({
        status: 200,
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
        body: service.parts.metrics.text(service.measured()),
      }),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'Give this description.',
      who: ['admin', 'reader', 'team'],
      answers: { 200: 'An OpenAPI document.' },
      changes: false,
      answer: () => answered(200, openApi(routes())),
    },
  ];
}

function maySee(caller: Caller | undefined, { change }: Operation): boolean {
  return caller !== undefined && (caller.role.kind !== 'team' || caller.role.team === teamOfChange(change));
}
