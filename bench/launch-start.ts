// `polc launch --dry-run` of a template with a built image, as a whole process, against an EC2 on this machine: it reads the
// template, finds the image, reads its tags, decides, and asks EC2 whether it would start the instance. Beside it a Node
// process that does nothing, and one that makes the same calls with the SDK and nothing else.
import { spawn as start } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeHost } from '../cli/host.ts';
import { compile } from '../compiler/compile.ts';
import { imageMetadata } from '../compiler/images/image-metadata.ts';
import { imageTags } from '../compiler/images/write-tags.ts';
import { cloudEnvironment, startBuildService } from '../test/support/build-service.ts';
import { root, scratchFolder } from './support/native.ts';
import { spawner } from './support/spawn.ts';
import { printTable } from './support/table.ts';

const region = 'us-west-2';
const architecture = 'x86_64';
const example = join(root, 'examples/python-ml-compiled.yaml');
const slug = 'python-ml-compiled';
const image = 'ami-0abc123def456789a';

/** Answers as EC2 until it is ended, and says what a process needs to reach it. */
async function serve(): Promise<void> {
  const ec2 = await startBuildService();
  const { lowered } = compile(example, readFileSync(example), nodeHost, { maximumMilliseconds: 0 });
  const metadata = lowered && imageMetadata(lowered, { region, architecture }, nodeHost.sha256);
  const tags = new Map((metadata && imageTags(metadata, nodeHost.sha256)) ?? []);
  ec2.addImage({ region, id: image, name: slug, owner: '123456789012', architecture, encrypted: true, tags });
  console.log(JSON.stringify(cloudEnvironment(ec2)));
}

/** The calls of a dry run. */
const sdkAlone = `
const { EC2Client, DescribeImagesCommand, RunInstancesCommand } = require('@aws-sdk/client-ec2');
async function run() {
  const client = new EC2Client({ region: '${region}' });
  const Filters = [{ Name: 'tag:polc:template', Values: ['${slug}'] }];
  const { Images } = await client.send(new DescribeImagesCommand({ Owners: ['self'], Filters }));
  const [{ ImageId }] = Images;
  const input = { ImageId, InstanceType: 't3.medium', MinCount: 1, MaxCount: 1, DryRun: true };
  await client.send(new RunInstancesCommand(input)).catch(({ name }) => {
    if (name !== 'DryRunOperation') throw new Error(name);
  });
}
run();
`;

async function measure(): Promise<void> {
  const spawn = spawner();
  if (spawn === undefined) return;
  const server = start(process.execPath, [fileURLToPath(import.meta.url), 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [first]: unknown[] = await once(server.stdout, 'data');
    const scratch = scratchFolder();
    const templates = join(scratch, 'templates');
    mkdirSync(templates);
    const text = readFileSync(example, 'utf8');
    const built = `\nprecompiled_amis:\n  ${region}: { ${architecture}: ${image} }\n`;
    writeFileSync(join(templates, `${slug}.yaml`), `slug: ${slug}\n${text}${built}`);
    writeFileSync(join(templates, 'base.yaml'), `slug: base\n${text}`);
    const folders = { HOME: scratch, XDG_CONFIG_HOME: scratch, XDG_STATE_HOME: scratch, XDG_CACHE_HOME: scratch };
    Object.assign(process.env, JSON.parse(String(first)), folders, {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    });
    const node = process.execPath;
    const launch = [
      node,
      join(root, 'bin/polc.js'),
      'launch',
      '--region',
      region,
      '--templates',
      templates,
      '--dry-run',
    ];
    const times = spawn(15, [
      [node, '-e', '0'],
      [node, '-e', sdkAlone],
      [...launch, slug, 'benchmark'],
      [...launch, 'base', 'benchmark'],
    ]);
    for (const unit of ['elapsed', 'cpu'] as const) {
      const [bare = 0, alone = 0, whole = 0, base = 0] = times.map((each) => each[unit]);
      const peer = { name: 'node -e 0', value: bare };
      printTable(
        `polc launch --dry-run as a whole process, ${unit === 'cpu' ? 'least processor time' : 'median'}`,
        'ms',
        [
          {
            what: 'a template with an image',
            ours: whole,
            peer,
            ...(unit === 'elapsed' ? { target: bare + 350 } : {}),
          },
          { what: '  beside the SDK alone, with the same calls', ours: whole, peer: { name: 'SDK', value: alone } },
          { what: 'one without, whose base is a parameter of SSM', ours: base, peer },
        ],
      );
    }
  } finally {
    server.kill();
  }
}

await (process.argv[2] === 'serve' ? serve() : measure());
