import * as assert from 'uvu/assert';
import { GatewayModel } from '../../compiler/verify/kuadrant/model.ts';
import type { ReadLimit } from '../../compiler/verify/kuadrant/read-policies.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('limitador-cases');

/**
 * What Limitador's own tests say of limits, restated for the model of it: a call that checks and then reports is a limit
 * of tokens, one that checks and updates is a limit of requests, `app_id` is the host. By the names of those tests.
 */
interface Case {
  readonly requests?: readonly ReadLimit[];
  readonly tokens?: readonly ReadLimit[];
  /** Milliseconds, tokens, how long the answer takes, what differs from a GET to `app`, and whether it comes through. */
  readonly sent: readonly (readonly [
    at: number,
    tokens: number,
    takes: number,
    change: Readonly<Record<string, string>>,
    passes: boolean,
  ])[];
}

const isGet = ["request.method == 'GET'"];
const byApp = ['request.host'];

function limit(
  most: number,
  when: readonly string[] = isGet,
  counters: readonly string[] = byApp,
  seconds = 60,
): readonly ReadLimit[] {
  return [{ name: `most-${most}`, rates: [{ limit: most, windowMilliseconds: seconds * 1000 }], when, counters }];
}

const post = { method: 'POST' };

const files: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'limitador/tests/integration_tests.rs@01ca3daa81f6d065a93cf2ee4161eb0476ce7311': {
    rate_limited: {
      tokens: limit(3),
      sent: [
        [0, 1, 0, {}, true],
        [0, 1, 0, {}, true],
        [0, 1, 0, {}, true],
        [0, 1, 0, {}, false],
      ],
    },
    rate_limited_with_delta_higher_than_one: {
      tokens: limit(10),
      sent: [
        [0, 5, 0, {}, true],
        [0, 5, 0, {}, true],
        [0, 1, 0, {}, false],
      ],
    },
    takes_into_account_only_vars_of_the_limits: {
      tokens: limit(3),
      sent: [
        [0, 1, 0, { path: '/0' }, true],
        [0, 1, 0, { path: '/1' }, true],
        [0, 1, 0, { path: '/2' }, true],
        [0, 1, 0, {}, false],
      ],
    },
    is_rate_limited_returns_false_when_no_limits_in_namespace: { sent: [[0, 1, 0, {}, true]] },
    is_rate_limited_returns_false_when_no_matching_limits: { tokens: limit(0), sent: [[0, 1, 0, post, true]] },
    is_rate_limited_applies_limit_if_its_unconditional: { tokens: limit(0, []), sent: [[0, 1, 0, {}, false]] },
    check_rate_limited_and_update: {
      requests: limit(3),
      sent: [
        [0, 1, 0, {}, true],
        [0, 1, 0, {}, true],
        [0, 1, 0, {}, true],
        [0, 1, 0, {}, false],
      ],
    },
    check_rate_limited_and_update_returns_true_if_no_limits_apply: {
      requests: limit(0),
      sent: [[0, 1, 0, post, true]],
    },
    check_rate_limited_and_update_applies_limit_if_its_unconditional: {
      requests: limit(0, []),
      sent: [[0, 1, 0, {}, false]],
    },
  },
  'limitador-server/src/envoy_rls/kuadrant_service.rs@0a0bfc6153f5085b24f27b998ad6196cb912fb54': {
    test_returns_ok_correctly: {
      tokens: limit(1),
      sent: [
        [0, 1, 5000, {}, true],
        [1, 1, 5000, {}, true],
      ],
    },
    test_returns_overlimit_correctly: { tokens: limit(0), sent: [[0, 1, 0, {}, false]] },
    test_returns_ok_when_no_limits_apply: { sent: [[0, 1, 0, {}, true]] },
    test_takes_into_account_all_the_descriptors: {
      tokens: [...limit(10), ...limit(0, [...isGet, "request.url_path == '/two'"])],
      sent: [
        [0, 1, 0, {}, true],
        [0, 1, 0, { path: '/two' }, false],
      ],
    },
  },
  'limitador/src/storage/atomic_expiring_value.rs@14bfd41e053acabee16eb84327d8d4c583618f7b': {
    returns_value_when_valid: {
      requests: limit(1, [], [], 1),
      sent: [
        [0, 1, 0, {}, true],
        [999, 1, 0, {}, false],
      ],
    },
    returns_default_when_expired: {
      requests: limit(1, [], [], 1),
      sent: [
        [0, 1, 0, {}, true],
        [2000, 1, 0, {}, true],
      ],
    },
    returns_default_on_expiry: {
      requests: limit(1, [], [], 1),
      sent: [
        [0, 1, 0, {}, true],
        [1000, 1, 0, {}, true],
      ],
    },
    updates_when_valid: {
      tokens: limit(45, [], [], 10),
      sent: [
        [0, 42, 0, {}, true],
        [1, 3, 0, {}, true],
        [9999, 1, 0, {}, false],
      ],
    },
    updates_when_expired: {
      tokens: limit(42, [], [], 10),
      sent: [
        [0, 42, 0, {}, true],
        [10_000, 3, 0, {}, true],
        [19_999, 39, 0, {}, true],
        [19_999, 1, 0, {}, false],
        [20_000, 1, 0, {}, true],
      ],
    },
  },
};

for (const [file, cases] of Object.entries(files)) {
  for (const [name, { requests = [], tokens = [], sent }] of Object.entries(cases)) {
    test(`${name} of ${file}`, () => {
      const gateway = new GatewayModel({
        target: 'Gateway llm/app',
        namespace: 'llm',
        names: [],
        auth: { selector: {}, predicates: [], exports: {} },
        requests,
        tokens,
      });
      const key = { namespace: 'llm', labels: {}, annotations: {} };
      for (const [index, [at, used, takes, change, passes]] of sent.entries()) {
        const { path = '/', method = 'GET' } = change;
        const route = gateway.route({ key, request: { host: 'app', method, path, url_path: path }, body: {} });
        const admitted = gateway.send(route, { at, tokens: used, takes, times: 1 });
        assert.is(admitted, passes ? 1 : 0, `request ${index + 1}`);
      }
    });
  }
}

run();
