// `polc simulate` as a whole process, on the guardrails of examples/ and an event in a file, beside a Node process that
// does nothing.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { budgetNotice, notification } from '../test/support/cost-messages.ts';
import { root, scratchFolder } from './support/native.ts';
import { spawner } from './support/spawn.ts';
import { printTable } from './support/table.ts';

const spawn = spawner();
if (spawn !== undefined) {
  const policies = join(scratchFolder(), 'policies');
  mkdirSync(policies, { recursive: true });
  const names = ['ci-ec2-spike-manual.yaml', 'sandbox-auto-quarantine.yaml'];
  for (const name of names) cpSync(join(root, 'examples', name), join(policies, name));
  const event = join(scratchFolder(), 'event.json');
  writeFileSync(event, JSON.stringify(notification(budgetNotice({ account: '123456789012' }))));
  const node = process.execPath;
  const polc = join(root, 'bin/polc.js');
  const simulate = (...words: readonly string[]) => [node, polc, 'simulate', ...words, '--event', event];
  const times = spawn(31, [[node, '-e', '0'], simulate(join(policies, names[0]!)), simulate(policies)]);
  const rows = (unit: 'elapsed' | 'cpu') => {
    const [bare = 0, one = 0, both = 0] = times.map((each) => each[unit]);
    const peer = { name: 'node -e 0', value: bare };
    return [
      { what: 'one policy', ours: one, peer, target: bare + 25 },
      { what: 'two policies, one with a time window', ours: both, peer, target: bare + 25 },
    ];
  };
  printTable('polc simulate as a whole process, median of the time that passes', 'ms', rows('elapsed'));
  printTable('the same, least processor time', 'ms', rows('cpu'));
}
