import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { openAuditFile } from '../../audit/file.ts';
import { hold } from '../hold.ts';
import type { Cluster } from '../port.ts';
import { callProblem } from '../problems.ts';
import { readTemplates } from './config-maps.ts';
import { desiredText } from './desired-text.ts';
import { Metrics } from './metrics.ts';
import { openOperationJournal } from './operation-journal.ts';
import { Operations } from './operations.ts';
import type { Platform, ServiceWorld } from './platform.ts';
import { noRecords } from './records.ts';
import { serviceServer } from './server.ts';
import { Service } from './service.ts';
import type { Tokens } from './tokens.ts';

export interface StartSettings {
  readonly cluster: Cluster;
  readonly platform: Platform;
  /** Compiles the platform's files with the templates, for the first look at where things are. */
  readonly load: (additions: string) => FirstLook;
  /** Where the templates are; absent, in the namespace of the gateway and under the name of the platform's own key manager. */
  readonly templates: { readonly namespace: string | undefined; readonly name: string | undefined };
  readonly enabled: boolean;
  /** A folder that is there. */
  readonly state: string;
  /** The file of the audit log. */
  readonly audit: string;
  readonly tokens: Tokens;
  readonly address: { readonly host: string; readonly port: number };
  /** How long the operator has to enforce a change, and the time between two checks, in milliseconds. */
  readonly timeout: number;
  readonly checkEvery: number;
  /** PEM texts; absent, requests come in plain HTTP. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

export interface FirstLook {
  readonly diagnostics: readonly Diagnostic[];
  readonly problem?: string;
  readonly namespace: { readonly value: string } | undefined;
  readonly texts: ReadonlyMap<string, string>;
}

export type Started =
  | {
      readonly ok: true;
      readonly url: string;
      /** The file into which a line of the journal was put aside that a crash cut off. */
      readonly setAside?: string;
      stop(): Promise<void>;
    }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      readonly texts: ReadonlyMap<string, string>;
      /** What is wrong where it is no finding about the policy. */
      readonly problem?: string;
    };

/** The ConfigMap of the templates where nobody says another one. */
const usualTemplates = 'platform-default-policies';

/**
 * Starts a service: it goes on with what an earlier process has left, and answers requests.
 *
 * @throws AuditFailure, JournalFailure
 */
export async function startService(settings: StartSettings): Promise<Started> {
  const { cluster, platform, load, state, address, timeout, checkEvery, enabled, tokens, certificate } = settings;
  const first = load('');
  const refused = (problem: string, look: FirstLook = first): Started => ({
    ok: false,
    diagnostics: look.diagnostics.filter(({ severity }) => severity === 'error'),
    texts: look.texts,
    problem,
  });
  if (first.problem !== undefined) return refused(first.problem);
  const namespace = settings.templates.namespace ?? first.namespace?.value;
  if (namespace === undefined) return refused('the templates have no namespace\n  = help: set GATEWAY_NAMESPACE');
  const templates = { namespace, name: settings.templates.name ?? usualTemplates };
  const found = await readTemplates(cluster, templates);
  if (!found.ok) {
    return { ok: false, diagnostics: [callProblem(templates.name, found.failure)], texts: new Map(), problem: '' };
  }
  const additions = desiredText({ ...noRecords, templates: found.value }, templates);
  const { tenancy, enforceAt } = platform.compile(additions);
  if (tenancy === undefined || enforceAt === undefined) {
    const { diagnostics, texts } = load(additions);
    return { ok: false, diagnostics: diagnostics.filter(({ severity }) => severity === 'error'), texts };
  }
  const path = join(state, 'operations.jsonl');
  const release = hold(path);
  if (release === undefined) return refused(`another service has \`${state}\``);
  const opened = openOperationJournal(path);
  const journals = join(state, 'applies');
  mkdirSync(journals, { recursive: true, mode: 0o700 });
  const { keys, labels, annotations } = enforceAt;
  const operations = new Operations(opened, Date.now);
  const parts: ServiceWorld = {
    world: {
      cluster,
      audit: openAuditFile(settings.audit),
      journals,
      now: Date.now,
      pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      actor: `polc tenancy serve@${hostname()}`,
    },
    platform,
    places: { policy: tenancy.policy, keys: { keys, labels, annotations }, templates },
    operations,
    metrics: new Metrics(),
    timeout,
  };
  const service = new Service(parts, checkEvery, enabled);
  const server = serviceServer({ service, tokens, enabled, ...(certificate === undefined ? {} : { certificate }) });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address.port, address.host, resolve);
    });
  } catch (error) {
    operations.close();
    release();
    return refused(`it cannot listen: ${error instanceof Error ? error.message : String(error)}`);
  }
  // A connection that could not be taken ends nothing.
  server.on('error', () => {});
  service.start();
  const { port, address: host, family } = addressOf(server.address());
  const scheme = certificate === undefined ? 'http' : 'https';
  return {
    ok: true,
    url: `${scheme}://${family === 'IPv6' ? `[${host}]` : host}:${port}`,
    ...(opened.setAside === undefined ? {} : { setAside: opened.setAside }),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await service.stop();
      server.closeAllConnections();
      await closed;
      operations.close();
      release();
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}
