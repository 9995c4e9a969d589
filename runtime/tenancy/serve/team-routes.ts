import { isMap } from '../json.ts';
import type { Json, JsonMap } from '../port.ts';
import type { BodySchema } from './body-schema.ts';
import { clusterProblem, problem } from './problem.ts';
import type { Records } from './records.ts';
import { type Asked, answered, namePattern, type Route } from './routes.ts';
import { readRecords } from './stored-records.ts';
import { submit } from './submit.ts';

const queued = { 202: 'The change waits for its turn; `GET /operations/{operation}` says how far it is.' } as const;

const overrides: BodySchema = {
  type: 'object',
  description: 'What holds in place of what the tier says: the keys of a tier (docs/dialects/tenancy.md).',
  additionalProperties: true,
};

const member: BodySchema = { type: 'object', description: 'A member.', properties: { overrides } };

const tier: BodySchema = { type: 'string', description: 'The tier.', pattern: namePattern };

/** Dollars of a month, as the dialect bounds them. */
const dollars: BodySchema = {
  type: 'number',
  description: 'The US dollars that the team may spend in a month.',
  minimum: 0.01,
  maximum: 1e12,
};

export const teamRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/teams',
    summary: 'List the teams.',
    who: ['admin', 'reader'],
    answers: { 200: 'The teams with their tiers.' },
    changes: false,
    answer: ({ service }) =>
      withRecords(service, (records) => {
        const names = [...records.teams.keys()].sort();
        return answered(200, { teams: names.map((name) => teamJson(records, name)) });
      }),
  },
  {
    method: 'POST',
    path: '/teams',
    summary: 'Create a team.',
    who: ['admin'],
    body: {
      type: 'object',
      description: 'A team.',
      properties: {
        team: { type: 'string', description: 'Its name.', pattern: namePattern },
        tier,
        overrides,
        budget_usd_monthly: dollars,
        members: { type: 'object', description: 'Its members by name.', additionalProperties: member },
      },
      required: ['team', 'tier'],
    },
    answers: queued,
    changes: true,
    answer: (asked) => {
      const { team, tier, overrides, budget_usd_monthly: budget, members } = asked.body;
      const own = mapOf(overrides);
      const said = budget === undefined ? own : { ...own, budget_usd_monthly: budget };
      return submit(
        {
          kind: 'create-team',
          team: String(team),
          tier: String(tier),
          ...(said === undefined ? {} : { overrides: said }),
          ...(isMap(members) ? { users: members } : {}),
        },
        asked,
      );
    },
  },
  {
    method: 'GET',
    path: '/teams/{team}',
    summary: 'Show a team, and whether a new version of its tier waits for it.',
    who: ['admin', 'reader', 'team'],
    answers: { 200: 'The team.' },
    changes: false,
    answer: ({ service, path: { team = '' } }) =>
      withRecords(service, (records) =>
        records.teams.has(team) ? answered(200, teamJson(records, team)) : problem(404, `there is no team \`${team}\``),
      ),
  },
  {
    method: 'PATCH',
    path: '/teams/{team}',
    summary: 'Change the tier of a team, or its overrides as a whole.',
    who: ['admin'],
    body: { type: 'object', description: 'What changes.', properties: { tier, overrides } },
    answers: queued,
    changes: true,
    answer: (asked) => {
      const { tier, overrides } = asked.body;
      const own = mapOf(overrides);
      return submit(
        {
          kind: 'change-team',
          team: asked.path.team ?? '',
          ...(typeof tier === 'string' ? { tier } : {}),
          ...(own === undefined ? {} : { overrides: own }),
        },
        asked,
      );
    },
  },
  {
    method: 'DELETE',
    path: '/teams/{team}',
    summary: 'Delete a team with its keys.',
    who: ['admin'],
    answers: queued,
    changes: true,
    answer: (asked) => submit({ kind: 'delete-team', team: asked.path.team ?? '' }, asked),
  },
  {
    method: 'PUT',
    path: '/teams/{team}/members/{user}',
    summary: 'Add a member, or change what holds for it.',
    who: ['admin'],
    body: { type: 'object', description: 'The member.', properties: { overrides } },
    answers: queued,
    changes: true,
    answer: (asked) => {
      const own = mapOf(asked.body.overrides);
      const { team = '', user = '' } = asked.path;
      return submit({ kind: 'put-member', team, user, ...(own === undefined ? {} : { overrides: own }) }, asked);
    },
  },
  {
    method: 'DELETE',
    path: '/teams/{team}/members/{user}',
    summary: 'Remove a member with its keys.',
    who: ['admin'],
    answers: queued,
    changes: true,
    answer: (asked) => {
      const { team = '', user = '' } = asked.path;
      return submit({ kind: 'delete-member', team, user }, asked);
    },
  },
  {
    method: 'PUT',
    path: '/teams/{team}/budget',
    summary: 'Set what a team may spend in a month.',
    who: ['admin'],
    body: {
      type: 'object',
      description: 'The budget.',
      properties: { budget_usd_monthly: dollars },
      required: ['budget_usd_monthly'],
    },
    answers: queued,
    changes: true,
    answer: (asked) => {
      const { budget_usd_monthly: budget } = asked.body;
      return submit({ kind: 'set-budget', team: asked.path.team ?? '', dollars: Number(budget) }, asked);
    },
  },
  {
    method: 'POST',
    path: '/teams/{team}/opt-in',
    summary: 'Take the new version of the tier of a team.',
    who: ['admin', 'team'],
    answers: queued,
    changes: true,
    answer: (asked) => submit({ kind: 'opt-in', team: asked.path.team ?? '' }, asked),
  },
];

/** Answers from what the cluster holds now. */
export async function withRecords(
  { parts: { world, places } }: Asked['service'],
  answer: (records: Records) => ReturnType<typeof answered>,
) {
  const read = await readRecords(world.cluster, places);
  return read.ok ? answer(read.value) : clusterProblem(read.failure);
}

function teamJson(records: Records, name: string): Json {
  const team = records.teams.get(name);
  if (team === undefined) return null;
  const { tier, overrides = {}, users = {} } = team;
  const pending = records.pending.get(tier);
  return {
    team: name,
    tier,
    overrides,
    members: users,
    ...(pending === undefined
      ? {}
      : { new_version: { since: pending.since, taken: pending.teams.includes(name), settings: pending.settings } }),
  };
}

function mapOf(value: Json | undefined): JsonMap | undefined {
  return isMap(value) ? value : undefined;
}
