// node scripts/code-cache.cjs ID: runs the command line that was built with this id and keeps V8's compiled code of what ran.
//
// Only functions that have run are in the cache, so the runs are those whose start matters.
'use strict';
const { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { cachePath, load, requireChunk, scriptFolder, useScripts } = require('../bin/polc.js');

const scratch = mkdtempSync(join(tmpdir(), 'polc-code-cache-'));
// The runs find no finished builds, and leave none to the user.
process.env.XDG_CACHE_HOME = scratch;
useScripts(process.argv[2]);
const { main } = requireChunk('cli#cli/main');
const examples = join(__dirname, '..', 'examples');
const silent = { write() {}, writeError() {}, progress() {}, color: { output: false, error: false }, width: 120 };

/** What AWS Budgets sends, as far as it is read. */
const notice = `AWS Budget Notification November 23, 2026
AWS Account 123456789012

The ACTUAL Cost is greater than $1.00 for the current month.

Budget Name: team
Budget Type: Cost
Alert Type: ACTUAL
ACTUAL Amount: $250.00
`;

async function run() {
  try {
    await main(['docs', 'POL8002'], silent);
    // Both ways of a build: one that compiles, and one that finds the result in the cache.
    for (const out of ['first', 'second']) {
      await main(['build', examples, '--out', join(scratch, out), '--max-ms', '0'], silent);
    }
    const event = join(scratch, 'event.json');
    writeFileSync(event, JSON.stringify({ MessageId: '1', Message: notice }));
    await main(['simulate', examples, '--event', event, '--at', '2026-11-23T09:00:00Z'], silent);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const names = readdirSync(scriptFolder()).filter((file) => file.endsWith('.cjs'));
  for (const name of names.map((file) => file.slice(0, -'.cjs'.length))) {
    const { script, id } = load(name);
    const own = `${cachePath(name)}.${process.pid}.tmp`;
    writeFileSync(own, Buffer.concat([Buffer.from(id, 'latin1'), script.createCachedData()]));
    renameSync(own, cachePath(name));
  }
}
run();
