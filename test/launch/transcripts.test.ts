// What the seeds show of launches and builds, and what the guide shows, with the real command line against a strict EC2.

import { startBuildService } from '../support/build-service.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';
import { openWorld, printTranscript, readTranscript } from '../support/launch-transcripts.ts';
import { withProject } from '../support/polc-process.ts';

const { test, run } = suite('launch-transcripts');

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
      });
    } finally {
      await ec2.close();
    }
  });
}

run();
