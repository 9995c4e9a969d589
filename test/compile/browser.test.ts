import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { equal, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('browser');
const root = process.env.POLC_ROOT ?? '.';

test('the compiler bundles for a browser and makes the same bytes there', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'compiler/compile.ts')],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'polc',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  const imported = Object.values(metafile.inputs).flatMap((input) => input.imports.filter(({ external }) => external));
  equal(imported, [], 'nothing of Node may be left to import');

  // What a browser has and the language itself has not; no process, no require, no Buffer.
  const context = createContext({ TextEncoder, TextDecoder, performance });
  runInContext(outputFiles[0]!.text, context);
  const name = 'examples/python-ai-turbo.yaml';
  const bytes = readFileSync(join(root, name));
  const options = { maximumMilliseconds: 0 };
  const here = compile(name, bytes, nodeHost, options);
  Object.assign(context, {
    host: { read: () => undefined, now: () => 0, sha256: nodeHost.sha256 },
    name,
    text: bytes.toString('utf8'),
    options,
  });
  const there: typeof here = runInContext('polc.compile(name, text, host, options)', context);
  ok(here.ok && there.ok);
  // Arrays of another realm have another constructor; the text of both is what is compared.
  const text = ({ files }: typeof here) =>
    files.map(({ path, content }) => `${path} ${Buffer.from(content).toString('hex')}`).join('\n');
  equal(text(there), text(here));
});

run();
