import type { Value } from '../../expressions/predicate.ts';
import { allowOrDeny } from '../../policy-tests/allow-or-deny.ts';
import { type Question, testsField } from '../../policy-tests/policy-test.ts';
import { object, optional, required } from '../../schema/collections.ts';
import { number } from '../../schema/scalars.ts';
import { labelValue } from './kubernetes-names.ts';
import { model } from './setting-fields.ts';

const dollars = number({ integer: false, minimum: 0, maximum: 1e15 });

const requestFields = {
  team: optional(labelValue('a team'), 'The team of the API key. Absent: a key that names none.', 'data-science'),
  tier: required(labelValue('a tier'), 'The tier that the API key names.', 'standard'),
  user: optional(labelValue('a user'), 'The user of the API key. Absent: a key that names none.', 'alice'),
  model: optional(model, 'The model that the request names. Absent: none.', 'simulator-model'),
  spent: optional(dollars, 'US dollars that the team has spent this month.', '90'),
  budget: optional(dollars, 'US dollars that its key says it may spend.', '100'),
};

/** What a tenancy can be asked. */
export const tests = testsField(
  {
    fields: {
      request: optional(
        object(requestFields),
        'May this request use the model? How much it may use is no question here.',
        '{ team: data-science, tier: standard, model: simulator-model }',
      ),
    },
    questions: { request: [] },
    expect: required(allowOrDeny, 'The answer: `allow` or `deny`.', 'allow'),
    read({ request }) {
      if (request === undefined) return undefined;
      const { team, tier, user, model, spent, budget } = request.value;
      const attributes: Readonly<Record<string, Value | undefined>> = {
        team: team?.value ?? '',
        tier: tier?.value,
        user: user?.value ?? '',
        model: model?.value ?? '',
        spent: spent?.value,
        budget: budget?.value,
      };
      const question: Question = {
        kind: 'decision',
        point: 'request',
        cases: () => [{ where: '', attribute: (name) => attributes[name] }],
      };
      const who = [team?.value ?? 'no team', ...(user === undefined ? [] : [user.value])].join('/');
      return { name: `${who} asks ${model?.value ?? 'no model'}`, question };
    },
    answers: () => true,
  },
  '[{ request: { team: data-science, tier: standard, model: simulator-model }, expect: allow }]',
);
