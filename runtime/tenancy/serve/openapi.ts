import type { Json } from '../port.ts';
import { namePattern, type Route } from './routes.ts';

/** The routes as an OpenAPI 3.1 document. */
export function openApi(routes: readonly Route[]): Json {
  const paths = new Map<string, [string, Json][]>();
  for (const route of routes) {
    const methods = paths.get(route.path) ?? [];
    methods.push([route.method.toLowerCase(), operation(route)]);
    paths.set(route.path, methods);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'polc tenancy serve',
      version: '1',
      description: 'Teams, keys and tiers of a platform on Kuadrant.',
    },
    paths: Object.fromEntries([...paths].map(([path, methods]) => [path, Object.fromEntries(methods)])),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Problem: {
          type: 'object',
          description: 'A problem document (RFC 9457).',
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
          },
        },
      },
    },
  };
}

function operation({ path, method, summary, who, body, answers, changes }: Route): Json {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters: Json[] = names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: `^${namePattern}$` },
  }));
  if (changes) {
    const description = 'The same key with the same request has the same answer, and is carried out once.';
    parameters.push({ name: 'Idempotency-Key', in: 'header', description, schema: { type: 'string', maxLength: 256 } });
  }
  const refused = { description: 'Refused.', content: { 'application/problem+json': { schema: problemSchema } } };
  return {
    operationId: `${method.toLowerCase()} ${path}`.replace(/[^A-Za-z0-9]+(\w)?/g, (_, next: string | undefined) =>
      (next ?? '').toUpperCase(),
    ),
    summary,
    ...(who.includes('anybody') ? { security: [] } : { security: [{ token: [] }], 'x-roles': who }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: jsonOf(body) } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, description]) => [status, { description }])),
      default: refused,
    },
  };
}

const problemSchema = { $ref: '#/components/schemas/Problem' };

function jsonOf(schema: NonNullable<Route['body']>): Json {
  const text: Json = JSON.parse(JSON.stringify(schema));
  return text;
}
