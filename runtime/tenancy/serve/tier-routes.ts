import { isMap } from '../json.ts';
import type { Json, JsonMap } from '../port.ts';
import type { BodySchema } from './body-schema.ts';
import type { Rollout } from './change.ts';
import { noTemplate } from './plan-change.ts';
import { problem } from './problem.ts';
import { type Records, teamsOf, templateKey } from './records.ts';
import { answered, type Route } from './routes.ts';
import { submit } from './submit.ts';
import { withRecords } from './team-routes.ts';
import { templateSettings } from './template-text.ts';

const queued = { 202: 'The change waits for its turn; `GET /operations/{operation}` says how far it is.' } as const;

const rollout: BodySchema = {
  type: 'object',
  description: 'How teams come to the new version; each takes it when it says so, where this is absent.',
  properties: {
    mode: {
      type: 'string',
      description: '`opt-in`: each when it says so. `immediate`: all at once. `staged`: some after others.',
      enum: ['opt-in', 'immediate', 'staged'],
    },
    percent: {
      type: 'number',
      description: 'Of `staged`: the share of the teams in one step.',
      minimum: 1,
      maximum: 100,
    },
    batch: { type: 'integer', description: 'Of `staged`: the teams in one step.', minimum: 1, maximum: 1_000_000 },
  },
  required: ['mode'],
};

export const tierRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/tiers',
    summary: 'List the templates of tiers.',
    who: ['admin', 'reader'],
    answers: { 200: 'The templates of the ConfigMap, with new versions that wait.' },
    changes: false,
    answer: ({ service }) =>
      withRecords(service, (records) => {
        const names = [...records.templates.keys()].flatMap((key) => /^tier-(.+)-policy\.yaml$/.exec(key)?.[1] ?? []);
        return answered(200, { tiers: names.sort().map((name) => tierJson(records, name)) });
      }),
  },
  {
    method: 'GET',
    path: '/tiers/{tier}',
    summary: 'Show a template.',
    who: ['admin', 'reader'],
    answers: { 200: 'The template.' },
    changes: false,
    answer: ({ service, path: { tier = '' } }) =>
      withRecords(service, (records) =>
        records.templates.has(templateKey(tier))
          ? answered(200, tierJson(records, tier))
          : problem(404, noTemplate(tier)),
      ),
  },
  {
    method: 'PUT',
    path: '/tiers/{tier}',
    summary: 'Create a template, or give a tier a new version.',
    who: ['admin'],
    body: {
      type: 'object',
      description: 'The template.',
      properties: {
        settings: {
          type: 'object',
          description: 'The keys of a tier (docs/dialects/tenancy.md).',
          additionalProperties: true,
        },
        rollout,
      },
      required: ['settings'],
    },
    answers: queued,
    changes: true,
    answer: (asked) => {
      const { settings, rollout: said } = asked.body;
      const how = rolloutOf(isMap(said) ? said : {});
      if (typeof how === 'string') return problem(400, how);
      const own = isMap(settings) ? settings : {};
      return submit({ kind: 'put-tier', tier: asked.path.tier ?? '', settings: own, rollout: how }, asked);
    },
  },
  {
    method: 'DELETE',
    path: '/tiers/{tier}',
    summary: 'Delete the template of a tier that no team has.',
    who: ['admin'],
    answers: queued,
    changes: true,
    answer: (asked) => submit({ kind: 'delete-tier', tier: asked.path.tier ?? '' }, asked),
  },
];

function rolloutOf({ mode = 'opt-in', percent, batch }: JsonMap): Rollout | string {
  const sized = percent !== undefined || batch !== undefined;
  if (mode !== 'staged') {
    if (sized) return '`percent` and `batch` are of the mode `staged`';
    return mode === 'immediate' ? { mode } : { mode: 'opt-in' };
  }
  if (percent !== undefined && batch !== undefined) return '`percent` and `batch` exclude each other';
  if (typeof batch === 'number') return { mode, batch };
  return typeof percent === 'number' ? { mode, percent } : { mode };
}

function tierJson(records: Records, tier: string): Json {
  const text = records.templates.get(templateKey(tier)) ?? '';
  const teams = teamsOf(records, tier);
  const pending = records.pending.get(tier);
  return {
    tier,
    settings: templateSettings(text) ?? null,
    teams,
    ...(pending === undefined
      ? {}
      : {
          new_version: {
            since: pending.since,
            settings: pending.settings,
            taken: teams.filter((team) => pending.teams.includes(team)),
            waiting: teams.filter((team) => !pending.teams.includes(team)),
          },
        }),
  };
}
