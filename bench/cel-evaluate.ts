// Evaluating CEL on a request of the gateway: the interpreter, generated JavaScript, and other packages on the same data.
// Every subject must give the same answers before it is measured.
import { celExpressions, celGenerated, celInterpreter, celNanoseconds, celPeers } from './support/cel-subjects.ts';
import { printTable } from './support/table.ts';

const subjects = [celInterpreter, celGenerated];

/** What to reach, in nanoseconds, of each subject. */
const targets: Readonly<Partial<Record<keyof typeof celExpressions, readonly number[]>>> = {
  label: [1000 / 3.5, 1000 / 35],
  tier: [],
  'exists over 20': [],
};

for (const [name, wanted] of Object.entries(targets)) {
  const times = celNanoseconds(name, celExpressions[name as keyof typeof celExpressions], [...subjects, ...celPeers]);
  const rows = subjects.flatMap((subject, which) => {
    const ours = times.get(subject.name);
    const target = wanted[which];
    return celPeers.flatMap((peer) => {
      const value = times.get(peer.name);
      if (ours === undefined || value === undefined) return [];
      const what = `${subject.name}, ${(1000 / ours).toFixed(1)} M/s`;
      return [{ what, ours, peer: { name: peer.name, value }, ...(target === undefined ? {} : { target }) }];
    });
  });
  printTable(`${name}: nanoseconds for one evaluation`, '', rows);
}
