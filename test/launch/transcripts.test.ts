// What the seeds show of launches and builds, and what the guide shows, with the real command line against a strict EC2.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { polcWith, startBuildService } from '../support/build-service.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { openWorld, printTranscript, readTranscript } from '../support/launch-transcripts.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('launch-transcripts');

/** What the policy that the guide gives to whoever launches allows. */
function actionsOfGuide(): readonly string[] {
  const guide = readFileSync(join(process.env.POLC_ROOT ?? '.', 'docs/launching.md'), 'utf8');
  const [, text = ''] = /```json\n(\{\n {2}"Version"[\s\S]*?)```/.exec(guide) ?? [];
  const statements: readonly { readonly Action: string | readonly string[] }[] = JSON.parse(text).Statement;
  return statements.flatMap(({ Action }) => Action).sort();
}

for (const each of fixtureCases('launch-transcripts')) {
  const transcript = each.input('transcript.txt') ?? '';
  // Others are read by the tests of what they are about.
  if (!transcript.startsWith('$ ') && !transcript.startsWith('# ')) continue;
  test(each.name, async () => {
    const ec2 = await startBuildService();
    try {
      await withProject(async (project) => {
        const world = await openWorld(each.folder, project, ec2);
        const exchanges = [];
        for (const exchange of readTranscript(transcript)) {
          exchanges.push({ ...exchange, output: await world.run(exchange.command) });
        }
        each.expectReviewed('transcript.txt', printTranscript(exchanges));
        // Of an image and of a base image: nothing more is asked of AWS, and nothing less is allowed than is asked.
        if (each.name === 'guide') {
          const asked = new Set(ec2.calls.map(({ action }) => action));
          assert.equal([...asked, 'ec2:CreateTags'].sort(), actionsOfGuide());
        }
      });
    } finally {
      await ec2.close();
    }
  });
}

/** What a dry run of the template says, in a folder of its own. */
async function saidOf(files: Readonly<Record<string, string>>): Promise<{ readonly policy_hash: string }> {
  const ec2 = await startBuildService();
  try {
    let stdout = '';
    await withProject(async (project) => {
      project.write(files);
      const words = ['launch', 'python', 'one', '--region', 'us-west-2', '--dry-run', '--format', 'json'];
      ({ stdout } = await polcWith(ec2, project, [...words, '--profile', 'lab.yaml']));
    });
    return JSON.parse(stdout);
  } finally {
    await ec2.close();
  }
}

test('the hash of what decides is the same wherever the files lie, and another one when they say something else', async () => {
  const files = {
    'python.yaml': 'name: python\nbase: ubuntu-22.04\ninstance_defaults: { type: t3.small }\n',
    'lab.yaml': 'institution: state.yaml\nprofile: { name: lab }\n',
    'state.yaml': 'institution: { name: State }\n',
  };
  const { policy_hash: hash } = await saidOf(files);
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.is((await saidOf(files)).policy_hash, hash);
  assert.is.not((await saidOf({ ...files, 'state.yaml': 'institution: { name: Other }\n' })).policy_hash, hash);
});

run();
