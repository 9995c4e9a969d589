import * as assert from 'uvu/assert';
import { filedUnder } from '../../compiler/dialects/kuadrant/effective/hostnames.ts';
import { Engine } from '../../compiler/verify/kuadrant/engine.ts';
import {
  type Action,
  allHold,
  describe,
  foldActions,
  type ServiceKind,
} from '../../compiler/verify/kuadrant/filter.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('filter-cases');

/** What the tests of wasm-shim say, restated for the model of it. By the names of those tests. */

const engine = new Engine();

type Data = readonly (readonly [key: string, expression: string])[];

function action(
  service: string,
  scope: string,
  conditional: readonly (readonly [predicates: readonly string[], data: Data])[] = [[[], []]],
  kind: ServiceKind = 'ratelimit',
): Action {
  return {
    kind,
    service,
    scope,
    conditional: conditional.map(([predicates, data]) => ({
      predicates: predicates.map((text) => engine.evaluator(text)),
      data: data.map(([key, text]) => ({ key, text, evaluate: engine.evaluator(text) })),
    })),
  };
}

/** What the one call for these actions says; `none` or `failed` where there is none. */
function called(...actions: readonly Action[]) {
  const [only, second] = foldActions(actions);
  assert.is(second, undefined, 'joined to one');
  const descriptor = describe(only!, {}, {});
  return descriptor.kind === 'call'
    ? { entries: descriptor.entries, domain: descriptor.domain, hits: descriptor.hits }
    : descriptor.kind;
}

const some = (predicates: readonly string[], data: Data) => action('some_service', 'some_scope', [[predicates, data]]);
const one: Data = [['key_1', "'value_1'"]];
const plain = { domain: 'some_scope', hits: 1 };

const files: Readonly<Record<string, Readonly<Record<string, () => void>>>> = {
  'src/action_set_index.rs@304ee723f350cccc9306b4f02907b5fc6751ba06': {
    not_wildcard_subdomain() {
      for (const host of ['test.example.com', 'other.com', 'net'])
        assert.is(filedUnder(host, ['example.com']), undefined);
      assert.is(filedUnder('example.com', ['example.com']), 'example.com');
    },
    wildcard_subdomain_does_not_match_domain: () => assert.is(filedUnder('example.com', ['*.example.com']), undefined),
    wildcard_subdomain_matches_subdomains: () =>
      assert.is(filedUnder('test.example.com', ['*.example.com']), '*.example.com'),
    longest_domain_match() {
      assert.is(filedUnder('test.example.com', ['*.com', '*.example.com']), '*.example.com');
      assert.is(filedUnder('example.com', ['*.com', '*.example.com']), '*.com');
    },
    global_wildcard_match_all: () => assert.is(filedUnder('test.example.com', ['*']), '*'),
  },
  'src/runtime_action_set.rs@0a13e469628141bfb2e71d9eaf069a828c65694e': {
    empty_route_rule_predicates_do_apply: () => assert.is(allHold([], {}, {}), true),
    when_all_predicates_are_truthy_conditions_apply: () => assert.is(holds('true', 'true'), true),
    when_not_all_predicates_are_truthy_action_does_not_apply: () =>
      assert.is(holds('true', 'true', 'true', 'false'), false),
    when_a_cel_expression_does_not_evaluate_to_bool_panics: () =>
      assert.type(holds('true', 'true', 'true', '1'), 'object'),
    simple_folding: () => assert.is(foldActions([action('rl', 'common'), action('rl', 'common')]).length, 1),
    unrelated_actions_by_kind_are_not_folded: () =>
      assert.is(foldActions([action('red', 'red'), action('blue', 'blue', undefined, 'auth')]).length, 2),
    unrelated_rl_actions_are_not_folded: () =>
      assert.is(foldActions([action('red', 'red'), action('blue', 'blue'), action('green', 'green')]).length, 3),
    only_subsequent_actions_are_folded: () =>
      assert.is(foldActions(['red', 'red', 'blue', 'red', 'red'].map((each) => action(each, 'common'))).length, 3),
  },
  'src/runtime_action.rs@085605eb976b19e3066cb6592cf020fef83ec269': {
    auth_actions_are_not_merged: () =>
      assert.is(foldActions(['a', 'a'].map((each) => action(each, 'scope', undefined, 'auth'))).length, 2),
    auth_actions_do_not_merge_rl: () =>
      assert.is(foldActions([action('s', 'scope'), action('s', 'scope', undefined, 'auth')]).length, 2),
    rl_actions_do_not_merge_auth: () =>
      assert.is(foldActions([action('s', 'scope', undefined, 'auth'), action('s', 'scope')]).length, 2),
    rl_actions_do_not_merge_different_rl_actions() {
      const kinds = ['ratelimit', 'ratelimit-check', 'ratelimit-report'] as const;
      assert.is(foldActions(kinds.map((kind) => action(kind, 'scope', undefined, kind))).length, 3);
    },
  },
  'src/ratelimit_action.rs@121fb938ef596ba167f2d9ceab6bfb9f546acfb5': {
    empty_data_generates_empty_descriptor: () => assert.is(called(some([], [])), 'none'),
    get_known_attribute_fails_on_empty_domain: () =>
      assert.is(called(some(['true'], [['ratelimit.domain', "''"]])), 'failed'),
    get_known_attribute_fails_on_non_string_domain: () =>
      assert.is(called(some(['true'], [['ratelimit.domain', '123']])), 'failed'),
    get_known_attribute_fails_on_negative_hits_addend: () =>
      assert.is(called(some(['true'], [['ratelimit.hits_addend', '-1']])), 'failed'),
    get_known_attribute_fails_on_too_large_hits_addend: () =>
      assert.is(called(some(['true'], [['ratelimit.hits_addend', '4294967296']])), 'failed'),
    get_known_attribute_fails_on_non_integer_hits_addend: () =>
      assert.is(called(some(['true'], [['ratelimit.hits_addend', "'not-a-number'"]])), 'failed'),
    get_known_attributes_from_descriptor_entries: () =>
      assert.equal(called(some([], [['ratelimit.domain', "'test'"], ['ratelimit.hits_addend', '3'], ...one])), {
        entries: [['key_1', 'value_1']],
        domain: 'test',
        hits: 3,
      }),
    descriptor_entry_from_static: () =>
      assert.equal(called(some([], one)), { entries: [['key_1', 'value_1']], ...plain }),
    descriptor_entries_not_generated_when_predicates_evaluate_to_false: () =>
      assert.is(called(some(['false', 'true'], one)), 'none'),
    merged_actions_generate_descriptor_entries_for_truthy_predicates: () =>
      assert.equal(
        called(
          some(['true'], one),
          some(['false'], [['key_2', "'value_2'"]]),
          some(['true'], [['key_3', "'value_3'"]]),
        ),
        {
          entries: [
            ['key_1', 'value_1'],
            ['key_3', 'value_3'],
          ],
          ...plain,
        },
      ),
    merge_fails_on_conflicting_values_with_same_scope: () =>
      assert.throws(() => foldActions([some(['true'], [['key_1', '1']]), some(['false'], [['key_1', '2']])])),
    merge_fails_if_other_action_has_internal_conflicts: () =>
      assert.throws(() =>
        foldActions([
          some(['true'], [['key_1', '1']]),
          action('some_service', 'scope_3', [
            [
              ['true'],
              [
                ['key_1', '3'],
                ['key_1', '2'],
              ],
            ],
          ]),
        ]),
      ),
    merge_succeeds_with_identical_duplicate_keys: () =>
      assert.equal(
        called(
          some(['true'], [['key_1', '1']]),
          some(
            ['true'],
            [
              ['key_1', '1'],
              ['key_1', '1'],
            ],
          ),
        ),
        {
          entries: [
            ['key_1', '1'],
            ['key_1', '1'],
            ['key_1', '1'],
          ],
          ...plain,
        },
      ),
  },
  'src/kuadrant/pipeline/tasks/ratelimit.rs@011367e780cae27c582858b77a16976b4730da73': {
    test_default_values_with_known_attributes: () =>
      assert.equal(
        called(
          some(
            [],
            [
              ['ratelimit.domain', '"example.org"'],
              ['ratelimit.hits_addend', '5'],
              ['k', '1'],
            ],
          ),
        ),
        { entries: [['k', '1']], domain: 'example.org', hits: 5 },
      ),
    test_build_descriptors_filters_known_attributes: () =>
      assert.equal(
        called(
          some(
            [],
            [
              ['ratelimit.domain', '"d"'],
              ['ratelimit.hits_addend', '5'],
              ['actual_key', '"actual_value"'],
            ],
          ),
        ),
        { entries: [['actual_key', 'actual_value']], domain: 'd', hits: 5 },
      ),
    test_build_descriptors_with_one_conditional_failing_predicate: () =>
      assert.equal(
        called(
          action('s', 'test', [
            [['true', 'false'], [['test_key', '"test_value"']]],
            [['true', 'true'], [['test_key2', '"test_value2"']]],
          ]),
        ),
        { entries: [['test_key2', 'test_value2']], domain: 'test', hits: 1 },
      ),
    test_build_descriptors_with_passing_predicates: () =>
      assert.equal(
        called(
          action('s', 'test', [
            [[], [['key_1', '42']]],
            [[], [['key_2', '420']]],
          ]),
        ),
        {
          entries: [
            ['key_1', '42'],
            ['key_2', '420'],
          ],
          domain: 'test',
          hits: 1,
        },
      ),
    test_build_descriptors_with_failing_conditional_data_predicate: () =>
      assert.is(called(some(['false'], one)), 'none'),
    test_build_descriptors_with_passing_conditional_data_predicate: () =>
      assert.equal(called(some(['true'], one)), { entries: [['key_1', 'value_1']], ...plain }),
  },
};

function holds(...predicates: readonly string[]) {
  return allHold(
    predicates.map((text) => engine.evaluator(text)),
    {},
    {},
  );
}

for (const [file, cases] of Object.entries(files)) {
  for (const [name, check] of Object.entries(cases)) test(`${name} of wasm-shim ${file}`, check);
}

test('an expression that fails drops the whole call, also what other limits would have sent', () => {
  assert.is(called(some([], one), some(['request.headers.x == 1'], [['key_2', '1']])), 'failed');
});

run();
