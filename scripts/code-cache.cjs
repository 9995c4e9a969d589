// node scripts/code-cache.cjs ID [VERB]: runs the command line that was built with this id and keeps V8's compiled code of
// what ran, for all verbs or for one that has caches of its own.
//
// Only functions that have run are in the cache, so the runs are those whose start matters.
'use strict';
const { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { PassThrough } = require('node:stream');
const { join } = require('node:path');
const {
  cacheHead,
  cachePath,
  load,
  requireChunk,
  scriptFolder,
  scripts,
  useCaches,
  useScripts,
} = require('../bin/polc.js');

const scratch = mkdtempSync(join(tmpdir(), 'polc-code-cache-'));
// The runs find no finished builds and nothing that the user has set up, and leave nothing to the user.
for (const name of ['XDG_CACHE_HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME']) process.env[name] = scratch;
const [, , buildId, verb] = process.argv;
useScripts(buildId);
useCaches(verb);
const { main } = requireChunk('cli#cli/main');
const examples = join(__dirname, '..', 'examples');
const silent = { write() {}, writeError() {}, progress() {}, color: { output: false, error: false }, width: 120 };

/** What Cost Anomaly Detection sends through EventBridge, as far as it is read. */
const anomaly = {
  id: '00000000-0000-0000-0000-000000000000',
  'detail-type': 'Anomaly Detected',
  source: 'aws.ce',
  account: '123456789012',
  time: '2026-11-23T08:00:00Z',
  detail: {
    accountName: 'Team',
    anomalyId: '11111111-1111-1111-1111-111111111111',
    anomalyStartDate: '2026-11-22T00:00:00Z',
    anomalyEndDate: '2026-11-23T00:00:00Z',
    anomalyDetailsLink: 'https://console.aws.amazon.com/',
    anomalyScore: { maxScore: 0.9, currentScore: 0.9 },
    dimensionValue: 'Amazon Elastic Compute Cloud - Compute',
    impact: {
      maxImpact: 250,
      totalActualSpend: 300,
      totalExpectedSpend: 50,
      totalImpact: 250,
      totalImpactPercentage: 500,
    },
    monitorArn: 'arn:aws:ce::123456789012:anomalymonitor/22222222-2222-2222-2222-222222222222',
    rootCauses: [
      {
        linkedAccount: '123456789012',
        region: 'us-east-1',
        service: 'Amazon Elastic Compute Cloud - Compute',
        usageType: 'BoxUsage',
      },
    ],
  },
};

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
    if (verb === undefined) await runAll();
    if (verb === 'lsp') await serve();
    else await simulate();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const built = readdirSync(scriptFolder()).filter((file) => file.endsWith('.cjs'));
  for (const name of verb === undefined ? built.map((file) => file.slice(0, -'.cjs'.length)) : scripts.keys()) {
    const { script, id } = load(name);
    const own = `${cachePath(name)}.${process.pid}.tmp`;
    writeFileSync(own, Buffer.concat([Buffer.from(cacheHead(id), 'latin1'), script.createCachedData()]));
    renameSync(own, cachePath(name));
  }
}

async function runAll() {
  await main(['docs', 'POL8002'], silent);
  // Both ways of a build: one that compiles, and one that finds the result in the cache.
  for (const out of ['first', 'second']) {
    await main(['build', examples, '--out', join(scratch, out), '--max-ms', '0'], silent);
  }
  // For an instance type that nobody knows no image is looked for, so that AWS is not asked.
  const launched = ['launch', 'python-ml-compiled', 'example', '--templates', examples, '--instance-type', 'none'];
  await main([...launched, '--region', 'us-west-2', '--dry-run'], silent);
}

/** Of guardrails alone: those of other dialects would be compiled to be left out. */
async function simulate() {
  const guardrails = readdirSync(examples)
    .map((name) => join(examples, name))
    .filter((file) => file.endsWith('.yaml') && /^policy_id:/m.test(readFileSync(file, 'utf8')));
  for (const [name, content] of Object.entries({ notice: { MessageId: '1', Message: notice }, anomaly })) {
    const event = join(scratch, `${name}.json`);
    writeFileSync(event, JSON.stringify(content));
    await main(['simulate', ...guardrails, '--event', event, '--at', '2026-11-23T09:00:00Z'], silent);
  }
}

/** An editor that opens every example, one after the other, until it has seen the findings. */
async function serve() {
  const { serveStreams } = requireChunk('server#lsp/node/stdio');
  const input = new PassThrough();
  const output = new PassThrough();
  const ended = serveStreams(input, output);
  const send = (message) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    input.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const capabilities = { textDocument: { publishDiagnostics: { relatedInformation: true } } };
  send({ id: 0, method: 'initialize', params: { processId: null, rootUri: null, capabilities } });
  send({ method: 'initialized', params: {} });
  let heard = '';
  for (const name of readdirSync(examples)) {
    const uri = `file:///examples/${name}`;
    const text = readFileSync(join(examples, name), 'utf8');
    send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'polc', version: 1, text } } });
    while (!heard.includes(`"uri":"${uri}"`)) heard += await new Promise((resolve) => output.once('data', resolve));
    // What editors ask of every document that they open.
    for (const method of ['documentSymbol', 'foldingRange', 'documentLink', 'semanticTokens/full', 'codeLens']) {
      send({ id: `${method} ${name}`, method: `textDocument/${method}`, params: { textDocument: { uri } } });
    }
    // And where the cursor is in it.
    const position = { line: text.split('\n').length >> 1, character: 4 };
    const range = { start: { line: 0, character: 0 }, end: position };
    for (const method of ['completion', 'hover', 'signatureHelp', 'inlayHint']) {
      const params = { textDocument: { uri }, position, range };
      send({ id: `${method} ${name}`, method: `textDocument/${method}`, params });
    }
  }
  send({ id: 1, method: 'shutdown' });
  send({ method: 'exit' });
  await ended;
}

run();
