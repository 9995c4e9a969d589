// `polc check` of a folder of 1,000 templates, no two alike, of which 900 inherit others in chains of one to three and 250
// have images built of them: the whole process without cached results, on two threads and on one, beside the package yaml
// parsing the same files once each, warm, in a process that has it loaded.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { root, scratchFolder } from './support/native.ts';
import { interleaved } from './support/rounds.ts';
import { printTable } from './support/table.ts';
import { writeTemplateFolder } from './support/template-folder.ts';

const count = 1000;
const rounds = 5;
const folder = join(scratchFolder(), 'templates');
writeTemplateFolder(folder, count);
const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));

/** Seconds. */
function timed(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

function check(path: string, threads: number): void {
  const options = ['--jobs', String(threads), '--no-cache', '--max-ms', '0'];
  const output = execFileSync(process.execPath, [join(root, 'bin/polc.js'), 'check', path, ...options], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const expected = path === folder ? `${count} policies checked` : '1 policy checked';
  if (!output.includes(expected)) throw new Error(output.slice(-500));
}

const parseAll = () => {
  for (const text of texts) parseDocument(text);
};
parseAll();
const [two = 0, one = 0, single = 0, bare = 0, parsing = 0] = interleaved(rounds, [
  () => timed(() => check(folder, 2)),
  () => timed(() => check(folder, 1)),
  () => timed(() => check(join(folder, 'template-999.yaml'), 1)),
  () => timed(() => execFileSync(process.execPath, ['-e', '0'])),
  () => timed(parseAll),
]);
const peer = { name: 'yaml, parsing alone', value: parsing };
printTable('`polc check` of templates with inheritance, whole process', 's', [
  { what: '1,000 templates, two threads', ours: two, peer, target: 1 },
  { what: '1,000 templates, one thread', ours: one, peer },
  { what: 'one of them', ours: single, peer: { name: 'node -e 0', value: bare } },
]);
