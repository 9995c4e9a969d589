// Pages show launches as the fixtures have them, which test/launch/transcripts.test.ts makes with the real command line.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal, ok } from 'uvu/assert';
import { suite, updating } from '../support/harness.ts';
import { type Exchange, printTranscript, readTranscript } from '../support/launch-transcripts.ts';

const { test, run } = suite('pages');
const root = process.env.POLC_ROOT ?? '.';
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

/** `<!-- CASE -->` above a block names the fixture. */
const block = /<!-- launch-transcripts\/([\w-]+) -->\n```console\n([\s\S]*?)```/g;

/** The commands of a block as they stand one after the other in the transcript of a case. */
function inTranscript(shown: readonly Exchange[], transcript: readonly Exchange[]): readonly Exchange[] | undefined {
  for (let start = 0; start + shown.length <= transcript.length; start++) {
    const found = transcript.slice(start, start + shown.length);
    if (found.every(({ command }, index) => command === shown[index]?.command)) {
      return found.map((exchange, index) => ({ ...exchange, comment: shown[index]?.comment ?? '' }));
    }
  }
  return undefined;
}

for (const page of pages.filter((name) => name.endsWith('.md'))) {
  const path = join(root, page);
  const text = readFileSync(path, 'utf8');
  const blocks = [...text.matchAll(block)];
  if (blocks.length === 0) continue;
  test(page, () => {
    let written = text;
    for (const [whole, name = '', shown = ''] of blocks) {
      const transcript = readFileSync(join(root, 'test/fixtures/launch-transcripts', name, 'transcript.txt'), 'utf8');
      const exchanges = readTranscript(shown);
      const found = inTranscript(exchanges, readTranscript(transcript));
      ok(found, `${name} has no ${exchanges.map(({ command }) => command).join(', and then ')}`);
      const actual = printTranscript(found);
      if (!updating) equal(shown, actual);
      written = written.replace(whole, () => whole.replace(shown, () => actual));
    }
    if (updating && written !== text) writeFileSync(path, written);
  });
}

test('every key of the JSON form of a launch is in the guide', () => {
  const fixture = join(root, 'test/fixtures/launch-transcripts/json/transcript.txt');
  const [first] = readTranscript(readFileSync(fixture, 'utf8'));
  const [, section = ''] = readFileSync(join(root, 'docs/launching.md'), 'utf8').split('### As JSON');
  const [table = ''] = section.split('\n#');
  for (const key of Object.keys(JSON.parse(first?.output ?? ''))) ok(table.includes(`\`${key}\``), key);
});

run();
