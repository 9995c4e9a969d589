import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equal, ok } from 'uvu/assert';
import { suite, updating } from '../support/harness.ts';

const { test, skip, run } = suite('readme');
const root = process.env.POLC_ROOT ?? '.';
const page = join(root, 'README.md');

/** What a command of the README prints, both streams, with what differs from run to run levelled. */
function output(command: string): string {
  // Without the gate, which other tests hold: a machine that runs tests on every processor is slow.
  const words =
    command === 'npm start'
      ? 'node scripts/start.js build examples --out dist --max-ms 0'
      : command.replace(/^polc /, 'node bin/polc.js ').replace(/ check /, ' check --max-ms 0 ');
  const cache = mkdtempSync(join(tmpdir(), 'polc-readme-'));
  try {
    // The example has a /tmp of its own, which would hide a checkout that lies there.
    const running = command.startsWith('polc run');
    const line = running ? words.replace('bin/', `${root}/bin/`).replace('examples/', `${root}/examples/`) : words;
    const { stdout } = spawnSync('sh', ['-c', `${line} 2>&1`], {
      cwd: running ? '/' : root,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: cache },
    });
    return stdout
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trim();
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Times differ from run to run; everything else must be what the command prints. */
function level(text: string): string {
  return text.replace(/ *\d+\.\d ms/g, ' N ms').replace(/-+\n/g, '');
}

/** What no transcript may show: a failure of polc, or of Node. */
const failure = /\[POL8100\]|\[POL9|\(node:internal/;

// Those with a comment above are of a fixture, since they need an AWS: transcripts.test.ts.
const blocks = [...readFileSync(page, 'utf8').matchAll(/(?<! -->\n)```console\n\$ (.*)\n([\s\S]*?)```/g)];

for (const [, command = '', shown = ''] of blocks) {
  if (command.startsWith('polc run') && process.platform !== 'linux') {
    skip(command, 'sandboxes are enforced by Linux');
    continue;
  }
  test(command, () => {
    const actual = output(command);
    ok(!failure.test(actual), 'a failure is no example');
    if (updating && level(actual) !== level(shown.trim())) {
      const text = readFileSync(page, 'utf8').replace(`$ ${command}\n${shown}`, () => `$ ${command}\n${actual}\n`);
      writeFileSync(page, text);
      return;
    }
    equal(level(actual), level(shown.trim()));
  });
}

run();
