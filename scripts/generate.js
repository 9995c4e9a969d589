// npm run generate [-- --check]
//
// Writes the generated tables (compiler/tables/*.generated.ts) from the public facts they come from, and the reference
// pages and the TextMate grammars from what the compiler declares. With --check it
// writes nothing and exits with 1 when a committed table differs from what its generator makes now. A generator whose
// inputs are not on this machine is left out, and says which input it lacks.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as awsRegions from './generate/aws-regions.js';
import * as constants from './generate/constants.js';
import * as diagnostics from './generate/diagnostics.js';
import * as errno from './generate/errno.js';
import { iamActions } from './generate/iam-actions.js';
import * as instanceTypes from './generate/instance-types.js';
import * as kuadrantAttributes from './generate/kuadrant-attributes.js';
import * as kuadrantSchemas from './generate/kuadrant-schemas.js';
import * as lsmHooks from './generate/lsm-hooks.js';
import { references } from './generate/references.js';
import * as syscallArguments from './generate/syscall-arguments.js';
import * as syscallGroups from './generate/syscall-groups.js';
import * as syscallVersions from './generate/syscall-versions.js';
import * as syscalls from './generate/syscalls.js';
import { textMateGrammars } from './generate/text-mate.js';
import * as timeZones from './generate/time-zones.js';
import * as unicodeClasses from './generate/unicode-classes.js';

/** Each has `output` (a path in the repository), `missing()` (what it lacks here, if anything) and `generate()`. */
const generators = [
  syscalls,
  syscallVersions,
  syscallGroups,
  syscallArguments,
  errno,
  constants,
  lsmHooks,
  ...iamActions,
  awsRegions,
  timeZones,
  instanceTypes,
  kuadrantAttributes,
  kuadrantSchemas,
  unicodeClasses,
  diagnostics,
  ...references,
  ...textMateGrammars,
];

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const checking = process.argv.includes('--check');
let stale = 0;

for (const { output, missing, generate } of generators) {
  const lack = missing();
  if (lack !== undefined) {
    console.log(`left out ${output}: ${lack}`);
    continue;
  }
  const file = join(root, output);
  const fresh = generate();
  const committed = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (fresh === committed) {
    console.log(`fresh    ${output}`);
  } else if (checking) {
    stale += 1;
    console.log(`stale    ${output}: run \`npm run generate\` and commit the result`);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, fresh);
    console.log(`wrote    ${output}`);
  }
}
if (stale > 0) process.exitCode = 1;
