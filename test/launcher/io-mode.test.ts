import * as assert from 'uvu/assert';
import { compileText, coverageOf } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('io_mode');

/** What becomes of an interface under a filter, and whether the warning about io_uring is there. */
function outcome(mode: string, seccomp: string) {
  const compilation = compileText(`performance: { io_mode: ${mode} }\nsecurity:\n  seccomp: ${seccomp}\n`);
  const [answer] = coverageOf(compilation, 'performance.io_mode');
  const codes = compilation.diagnostics.map(({ code }) => code);
  return [answer?.status, codes.includes('POL5018'), codes.includes('POL6001')] as const;
}

const denying = (calls: string) => `{ default: allow, deny: [${calls}] }`;
const allowing = (calls: string) => `{ default: errno(EPERM), allow: ["@basic-start", ${calls}] }`;

test('a filter that lets an interface pass has it; one that refuses any of its calls has not', () => {
  assert.equal(outcome('uring', denying('ptrace')), ['full', true, false]);
  for (const call of ['io_uring_setup', 'io_uring_enter', 'io_uring_register']) {
    assert.equal(outcome('uring', denying(call)), ['none', true, true], call);
    assert.equal(outcome('epoll', denying(call)), ['full', false, false], call);
  }
  assert.equal(outcome('uring', allowing('io_uring_setup, io_uring_enter')), ['none', true, true]);
  assert.equal(outcome('uring', allowing('io_uring_setup, io_uring_enter, io_uring_register')), ['full', true, false]);
  assert.equal(outcome('epoll', denying('epoll_ctl')), ['none', false, true]);
  assert.equal(outcome('epoll', denying('epoll_wait')), ['full', false, false], 'which some architectures lack');
  assert.equal(outcome('sync', denying('io_uring_setup')), [undefined, false, false]);
});

test('what stands in the way is named', () => {
  const { diagnostics } = compileText(
    'performance: { io_mode: uring }\nsecurity: { seccomp: { default: allow, deny: [io_uring_enter, io_uring_setup] } }\n',
  );
  const lost = diagnostics.find(({ code }) => code === 'POL6001');
  assert.match(JSON.stringify(lost), 'the policy refuses io_uring_setup, io_uring_enter: allow what uring is made of');
});

test('without a filter nothing stands in the way', () => {
  const compilation = compileText('performance: { io_mode: uring }\nresources: { rlimits: { core: 0 } }\n');
  assert.is(coverageOf(compilation, 'performance.io_mode')[0]?.status, 'full');
});

run();
