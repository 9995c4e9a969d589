// Evaluating CEL in WebAssembly on a request of the gateway, with what it reads of the request encoded each time, and other
// packages on the same data. Every subject must give the same answers before it is measured.
import { parseCel } from '../compiler/expressions/cel/parse.ts';
import { wasmExpression } from '../test/support/wasm-cel.ts';
import {
  type CelSubject,
  celEnvironment,
  celExpressions,
  celGenerated,
  celNanoseconds,
  celPeers,
} from './support/cel-subjects.ts';
import { printTable } from './support/table.ts';

const webAssembly: CelSubject = {
  name: 'WebAssembly',
  make: (text) => {
    const made = wasmExpression(parseCel(text).expression, celEnvironment, 'condition');
    return typeof made === 'string' ? undefined : (data) => made.request(data) === 1;
  },
};

/** What to reach, in nanoseconds. */
const targets: Readonly<Record<keyof typeof celExpressions, number | undefined>> = {
  label: 1000 / 12,
  tier: undefined,
  'exists over 20': 1000 / 4,
  matches: undefined,
};

for (const [name, target] of Object.entries(targets)) {
  const text = celExpressions[name as keyof typeof celExpressions];
  const times = celNanoseconds(name, text, [webAssembly, celGenerated, ...celPeers]);
  const ours = times.get(webAssembly.name);
  if (ours === undefined) continue;
  const rows = [...times].slice(1).map(([peer, value]) => ({
    what: `WebAssembly, encoding included: ${(1000 / ours).toFixed(1)} M/s`,
    ours,
    peer: { name: peer, value },
    ...(target === undefined ? {} : { target }),
  }));
  printTable(`${name}: nanoseconds for one evaluation`, '', rows);
}
