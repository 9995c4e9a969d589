import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadGuardrails } from '../../cli/guardrail/load-policies.ts';
import { simulate } from '../../cli/guardrail/simulation.ts';
import { LocalClock, type LocalTime } from '../../runtime/guardrail/local-time.ts';
import { costEvent } from '../support/cost-plans.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { startOfTest } from '../support/response-world.ts';

const { test, run } = suite('guardrail simulation');

class CountingClock extends LocalClock {
  asked = 0;

  override at(zone: string, at: number): LocalTime | undefined {
    this.asked += 1;
    return super.at(zone, at);
  }
}

test('the policies of a simulation share one clock, since making one for a zone takes longer than to evaluate', async () => {
  await withFolder((folder) => {
    for (const name of ['one', 'two']) {
      writeFileSync(
        join(folder, `${name}.yaml`),
        `policy_id: ${name}
mode: dry_run
ttl_minutes: 60
match: { source: [budgets], account_ids: ["123456789012"], min_amount_usd: 1 }
scope: { principals: [] }
actions: [{ type: notify_only }]
notify: { slack_webhook_ssm_param: /guardrails/slack_webhook }
exceptions: { time_windows: [{ start: "17:00", end: "19:00", timezone: Asia/Tokyo, days: [mon] }] }
`,
      );
    }
    const project = { path: undefined, folder, config: undefined, diagnostics: [], ok: true };
    const { policies } = loadGuardrails([folder], project);
    const clock = new CountingClock();
    const simulated = simulate(costEvent(), policies, { at: startOfTest, clock });
    // 09:00 in UTC is 18:00 in Tokyo.
    assert.equal(
      simulated.policies.map(({ outcome }) => outcome),
      ['exempt', 'exempt'],
    );
    assert.ok(clock.asked >= 2);
  });
});

run();
