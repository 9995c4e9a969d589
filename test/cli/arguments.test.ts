import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readArguments } from '../../cli/arguments.ts';
import type { CommandShape } from '../../cli/command.ts';
import type { OptionTable } from '../../cli/options.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('arguments');

const options = {
  out: { type: 'text', value: 'DIR', doc: 'd', short: 'o', default: 'dist' },
  config: { type: 'text', value: 'FILE', doc: 'd' },
  'max-ms': { type: 'number', value: 'N', doc: 'd', minimum: 0 },
  jobs: { type: 'number', value: 'N', doc: 'd', default: 0, whole: true, short: 'j' },
  format: { type: 'choice', choices: ['pretty', 'json'], doc: 'd', default: 'pretty' },
  emit: { type: 'list', value: 'LIST', doc: 'd', choices: ['seccomp', 'landlock', 'oci'] },
  target: { type: 'pairs', value: 'KEY=VALUE', doc: 'd', short: 't' },
  watch: { type: 'flag', doc: 'd', short: 'w' },
  quiet: { type: 'flag', doc: 'd', short: 'q' },
} as const satisfies OptionTable;

const shape: CommandShape<typeof options> = {
  name: 'build',
  summary: 's',
  operands: '[PATH]...',
  operandCount: { least: 0, most: 2 },
  options,
};

const read = (line: string) => readArguments(shape, line === '' ? [] : line.split(' '));

function values(line: string) {
  const reading = read(line);
  if (reading === 'help' || 'problem' in reading) throw new Error(`not read: ${JSON.stringify(reading)}`);
  return reading;
}

function problem(line: string): string {
  const reading = read(line);
  if (reading === 'help' || !('problem' in reading)) throw new Error(`read: ${JSON.stringify(reading)}`);
  return `${reading.problem} | ${reading.help}`;
}

test('what is not given has its default', () => {
  assert.equal(values('').options, {
    out: 'dist',
    config: undefined,
    'max-ms': undefined,
    jobs: 0,
    format: 'pretty',
    emit: [],
    target: new Map(),
    watch: false,
    quiet: false,
  });
  assert.is(values('').rest, undefined);
});

test('every way to spell an option', () => {
  for (const line of ['--out x', '--out=x', '-o x', '-ox', '-wox', '-w -o x']) {
    assert.is(values(line).options.out, 'x', line);
  }
  assert.equal(values('-wq').options.quiet, true);
  assert.equal(values('-wq').options.watch, true);
  assert.equal(values('--emit seccomp,oci --emit=landlock').options.emit, ['seccomp', 'oci', 'landlock']);
  assert.equal(
    [...values('-t a=1 --target=b=c=d -ta=2').options.target],
    [
      ['a', '2'],
      ['b', 'c=d'],
    ],
  );
  assert.is(values('--max-ms 2.5').options['max-ms'], 2.5);
  assert.is(values('--out=').options.out, '');
});

test('operands stand anywhere, and what follows -- is not touched', () => {
  const reading = values('a --out x b -- --out -h --watch');
  assert.equal(reading.operands, ['a', 'b']);
  assert.equal(reading.rest, ['--out', '-h', '--watch']);
  assert.equal(reading.options.watch, false);
  assert.equal(values('- --').operands, ['-']);
  assert.equal(values('- --').rest, []);
});

test('mistakes say what is wrong and what to do', () => {
  const seeHelp = '`polc build --help` lists the options';
  for (const [line, expected] of [
    ['--ouut x', 'unknown option `--ouut` | an option with a similar name exists: `--out`'],
    ['--xyzzy=1', `unknown option \`--xyzzy\` | ${seeHelp}`],
    ['-z', `unknown option \`-z\` | ${seeHelp}`],
    ['-wz', `unknown option \`-z\` | ${seeHelp}`],
    ['--out', `\`--out\` needs a value: DIR | ${seeHelp}`],
    ['--format', `\`--format\` needs a value: pretty|json | ${seeHelp}`],
    ['--watch=yes', `\`--watch\` takes no value | ${seeHelp}`],
    ['--max-ms ten', `\`--max-ms ten\` is not a number | ${seeHelp}`],
    ['--max-ms=', `\`--max-ms \` is not a number | ${seeHelp}`],
    ['--max-ms -1', `\`--max-ms -1\` is below 0 | ${seeHelp}`],
    ['--jobs 1.5', `\`--jobs 1.5\` is not a whole number | ${seeHelp}`],
    ['--format jsn', '`--format` cannot be `jsn` | did you mean `json`? It is one of `pretty`, `json`'],
    ['--emit seccomp,nope', '`--emit` cannot be `nope` | it is one of `seccomp`, `landlock`, `oci`'],
    ['--emit seccomp,', `\`--emit seccomp,\` has an empty item | ${seeHelp}`],
    ['--target x', `\`--target x\` is not KEY=VALUE | ${seeHelp}`],
    ['a b c', '`c` was not expected | usage: polc build [PATH]...'],
    ['--constructor x', `unknown option \`--constructor\` | ${seeHelp}`],
  ] as const) {
    assert.is(problem(line), expected);
  }
  const needy = { ...shape, operands: 'FILE', operandCount: { least: 1, most: 1 } };
  assert.equal(readArguments(needy, []), { problem: 'FILE is missing', help: seeHelp });
  const alone = { ...shape, name: 'doctor', operands: '', operandCount: { least: 0, most: 0 } };
  assert.equal(readArguments(alone, ['x']), { problem: '`x` was not expected', help: 'usage: polc doctor' });
});

test('--help wins over mistakes, but not behind --', () => {
  assert.is(read('--nonsense --help'), 'help');
  assert.is(read('-h'), 'help');
  assert.is.not(read('-- --help'), 'help');
});

test('any words are read or refused, never thrown at', () => {
  const word = fc.oneof(fc.constantFrom('--out', '-o', '--', '-', '--emit', 'x', '-wq', '--max-ms', '='), fc.string());
  fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (words) => readArguments(shape, words) !== undefined));
});

run();
