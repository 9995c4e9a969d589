import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { hourlyCost, type PricedInstance, readPrices } from '../../runtime/launch/prices.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('launch-prices');

const found = (text: string) => readPrices('prices.yaml', text).diagnostics;

test('a region has its own prices, and else those of everywhere', () => {
  const yaml =
    't3.medium: 0.0416\nm5.large: 1\neu-west-1:\n  t3.medium: 0.0456\nus-gov-west-1: { p3.2xlarge: 3.672 }\n';
  const json =
    '{"t3.medium": 0.0416, "m5.large": 1, "eu-west-1": {"t3.medium": 0.0456}, "us-gov-west-1": {"p3.2xlarge": 3.672}}';
  for (const text of [yaml, json]) {
    const { prices, diagnostics } = readPrices('prices', text);
    assert.equal(diagnostics, []);
    const cost = (instanceType: string, region: string) => hourlyCost({ costs: [], instanceType, region }, prices);
    assert.equal(cost('t3.medium', 'us-east-1'), { dollars: 0.0416, from: 'price-file' });
    assert.equal(cost('t3.medium', 'eu-west-1')?.dollars, 0.0456);
    assert.equal(cost('m5.large', 'eu-west-1')?.dollars, 1);
    assert.equal(cost('p3.2xlarge', 'us-gov-west-1')?.dollars, 3.672);
    assert.is(cost('p3.2xlarge', 'us-west-2'), undefined);
  }
});

test('what a price cannot be is reported where it stands, and the file then has no price', () => {
  for (const [text, code, at, meant] of [
    ['t3.medium: -0.04\n', 'POL8300', '-0.04'],
    ['t3.medium: .inf\n', 'POL8300', '.inf'],
    ['t3.medium: .nan\n', 'POL8300', '.nan'],
    ['us-east-1: { t3.medium: -1 }\n', 'POL8300', '-1'],
    ['t3.medium:\n', 'POL2005', ''],
    ['t3.medium: null\n', 'POL2004', 'null'],
    ['t3.medium: cheap\n', 'POL2004', 'cheap'],
    ['t3.medium: true\n', 'POL2004', 'true'],
    ['t3.medium: $0.04\n', 'POL2004', '$0.04', '0.04'],
    ['t3.medium: "0.04"\n', 'POL2004', '"0.04"', '0.04'],
    ['t3.medium: [0.04]\n', 'POL2004', '[0.04]'],
    ['t3.meduim: 0.04\n', 'POL3201', 't3.meduim', 't3.medium'],
    ['us-west-2: { t3.meduim: 0.04 }\n', 'POL3201', 't3.meduim', 't3.medium'],
    ['us-wset-2: { t3.medium: 0.04 }\n', 'POL3064', 'us-wset-2', 'us-west-2'],
    ['us-west-2: 0.04\n', 'POL2004', '0.04'],
    ['{}\n', 'POL8302', '{}'],
    ['us-west-2: {}\n', 'POL8302', 'us-west-2: {}'],
    ['- t3.medium\n', 'POL2004', '- t3.medium'],
  ] as const) {
    const { prices, diagnostics } = readPrices('prices.yaml', `${text}`);
    assert.equal(
      diagnostics.map((each) => each.code),
      [code],
      text,
    );
    const [{ span, fixes = [] }] = diagnostics as [(typeof diagnostics)[number]];
    assert.is(text.slice(span.start, span.end).trimEnd(), at, text);
    assert.is(fixes[0]?.edits[0]?.newText, meant, text);
    assert.is(prices, undefined, text);
  }
  assert.equal(
    found('t3.medium: 1\nt3.medium: 2\n').map(({ severity }) => severity),
    ['error'],
  );
});

test('a price of 0 is taken with a warning, since it is within every limit', () => {
  const { prices, diagnostics } = readPrices('prices.yaml', 't3.micro: 0\n');
  assert.equal(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [['POL8301', 'warning']],
  );
  assert.is(hourlyCost({ costs: [], instanceType: 't3.micro', region: 'us-east-1' }, prices)?.dollars, 0);
});

test('no bytes make reading throw, and what is read is only amounts', () => {
  const word = fc.constantFrom(
    't3.medium',
    'us-east-1',
    'x',
    ':',
    ' ',
    '\n',
    '{',
    '}',
    '[',
    '-',
    '0.1',
    '1e999',
    '&a',
    '*a',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word).map((words) => words.join('')),
      ),
      (text) => {
        const { prices, diagnostics } = readPrices('prices.yaml', text);
        assert.ok(prices !== undefined || diagnostics.length > 0);
        for (const types of [prices?.everywhere, ...(prices?.regions.values() ?? [])]) {
          for (const dollars of types?.values() ?? []) assert.ok(dollars >= 0 && dollars < Number.POSITIVE_INFINITY);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('the price file counts before the template, whose price of an architecture is that of its own type only', () => {
  const { prices } = readPrices('prices.yaml', 't3.large: 0.0832\n');
  const template: Pick<PricedInstance, 'costs' | 'defaultType' | 'region'> = {
    costs: [
      ['arm64', 0.0371],
      ['c5.large', 0.085],
      ['t3.large', 0.09],
      ['x86_64', 0.0464],
    ],
    defaultType: 't3.medium',
    region: 'us-west-2',
  };
  const cost = (instanceType: string, more: Partial<PricedInstance> = {}) =>
    hourlyCost({ ...template, instanceType, ...more }, prices);
  assert.equal(cost('t3.large'), { dollars: 0.0832, from: 'price-file' });
  assert.equal(cost('c5.large'), { dollars: 0.085, from: 'template' });
  assert.equal(cost('t3.medium'), { dollars: 0.0464, from: 'template' });
  assert.equal(cost('t3.medium', { architecture: 'x86_64' })?.dollars, 0.0464);
  // A bigger instance costs more than the architecture's price says.
  assert.is(cost('c5.4xlarge'), undefined);
  assert.is(cost('t3.medium', { costs: [] }), undefined);
  assert.equal(cost('t4g.medium', { defaultType: 't4g.medium' })?.dollars, 0.0371);
});

run();
