import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import { connectCluster } from '../../../runtime/tenancy/client/connect.ts';
import { JournalFailure } from '../../../runtime/tenancy/journal.ts';
import { callProblem } from '../../../runtime/tenancy/problems.ts';
import { startService } from '../../../runtime/tenancy/serve/start.ts';
import { Tokens } from '../../../runtime/tenancy/serve/tokens.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { makeFolders } from '../../folders.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { findProject } from '../../project.ts';
import { tenancySummaries } from '../../summaries.ts';
import { listenAddress } from '../../tenancy/listen-address.ts';
import { platformOf } from '../../tenancy/serve-platform.ts';
import { readSeconds, sessionOptions, textsOf, wrongSeconds } from '../../tenancy/session.ts';
import { readSettings } from '../../tenancy/settings.ts';

const { format: _, ...clusterOptions } = sessionOptions;

export const command = defineCommand(
  {
    name: 'tenancy serve',
    summary: tenancySummaries.serve,
    operands: 'POLICY...',
    operandCount: { least: 1, most: 100 },
    completes: 'files',
    options: {
      ...clusterOptions,
      listen: { type: 'text', value: 'ADDRESS:PORT', doc: 'where requests come in', default: '127.0.0.1:8080' },
      state: {
        type: 'text',
        value: 'DIR',
        doc: 'the folder of the journal, the audit log and what applies note; one service at a time has it',
        completes: 'folders',
      },
      'token-file': { type: 'text', value: 'FILE', doc: 'who may call: lines of NAME ROLE TOKEN', completes: 'files' },
      'tls-cert': { type: 'text', value: 'FILE', doc: 'the certificate, in PEM', completes: 'files' },
      'tls-key': { type: 'text', value: 'FILE', doc: 'its key', completes: 'files' },
      timeout: { type: 'text', value: 'SECONDS', doc: 'how long the operator has to enforce a change', default: '30' },
      'check-every': { type: 'text', value: 'SECONDS', doc: 'between two looks for drift', default: '60' },
    },
    details:
      'Teams, keys and templates are in the cluster, and what waits is in the state folder: a service that was killed goes on where it was. Outside of loopback it needs a certificate. docs/tenancy.md tells the calls.',
    examples: ['polc tenancy serve platform.yaml --state /var/lib/polc --token-file /etc/polc/tokens'],
  },
  async ({ options, operands }, terminal) => {
    const refuse = (problem: string, code: number = exitCode.usage) => {
      terminal.writeError(`polc tenancy serve: ${problem}\n`);
      return code;
    };
    const settings = readSettings(textsOf(options));
    if (typeof settings === 'string') return refuse(settings);
    const { state, 'token-file': tokenFile, 'tls-cert': certFile, 'tls-key': keyFile } = options;
    if (state === undefined) return refuse('there is no folder for its state\n  = help: name one with `--state`');
    if (tokenFile === undefined) return refuse('nobody may call\n  = help: name a file of tokens with `--token-file`');
    if ((certFile === undefined) !== (keyFile === undefined)) return refuse('`--tls-cert` and `--tls-key` go together');
    const address = listenAddress(options.listen, certFile !== undefined);
    if (typeof address === 'string') return refuse(address);
    const seconds: Record<string, number> = {};
    for (const name of ['timeout', 'check-every', 'call-timeout'] as const) {
      const read = readSeconds(options[name] ?? '10');
      if (read === undefined) return refuse(wrongSeconds(name, options[name]));
      seconds[name] = read;
    }
    const project = await findProject();
    if (!project.ok) {
      printFindings(project.diagnostics, new Map(), terminal);
      return exitCode.policy;
    }
    const platform = platformOf(operands, settings, project);
    if (typeof platform === 'string') return refuse(platform);
    const tokens = new Tokens(tokenFile);
    const wrong = tokens.problem();
    if (wrong !== undefined) return refuse(`the tokens of \`${tokenFile}\`: ${wrong}`);
    let certificate: { readonly cert: string; readonly key: string } | undefined;
    try {
      makeFolders(state, 0o700);
      if (certFile !== undefined && keyFile !== undefined) {
        certificate = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
      }
    } catch (error) {
      return refuse(failureText(error), exitCode.environment);
    }
    const { kubeconfig, context } = options;
    const connected = await connectCluster({
      timeout: seconds['call-timeout'] ?? 10_000,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
    if (!connected.ok) {
      printFindings([callProblem('the policy', connected.failure)], new Map(), terminal);
      return exitCode.environment;
    }
    try {
      const started = await startService({
        cluster: connected.value,
        platform,
        load: platform.load,
        templates: { namespace: settings.namespace?.value, name: settings.configMap?.value },
        enabled: settings.enabled,
        state,
        audit: join(state, 'audit.jsonl'),
        tokens,
        address,
        timeout: seconds.timeout ?? 30_000,
        checkEvery: seconds['check-every'] ?? 60_000,
        ...(certificate === undefined ? {} : { certificate }),
      });
      if (!started.ok) {
        printFindings(started.diagnostics, started.texts, terminal);
        if (started.problem === '') return exitCode.environment;
        return started.problem === undefined ? exitCode.policy : refuse(started.problem, exitCode.environment);
      }
      const { url, setAside, stop } = started;
      if (setAside !== undefined) terminal.writeError(`a line of the journal that was cut off is in ${setAside}\n`);
      terminal.write(`listening on ${url}\n`);
      await signalled();
      await stop();
      return exitCode.fine;
    } catch (error) {
      if (!(error instanceof AuditFailure) && !(error instanceof JournalFailure)) throw error;
      return refuse(`\`${error.path}\`: ${error.message}`, exitCode.environment);
    }
  },
);

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve());
  });
}
