import { readFileSync } from 'node:fs';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import type { AuditEntry } from '../../runtime/audit/record.ts';
import { connectCluster } from '../../runtime/tenancy/client/connect.ts';
import { type Tenancy, tenancyOf } from '../../runtime/tenancy/desired.ts';
import type { Cluster } from '../../runtime/tenancy/port.ts';
import type { TenancyWorld } from '../../runtime/tenancy/world.ts';
import { at, type JsonObject } from './kubernetes/json.ts';
import type { KubernetesServer } from './kubernetes/server.ts';

export const gatewayPolicy = `targets: [{ gateway: { namespace: llm, name: inference-gateway } }]
tiers:
  free: { token_limit_per_hour: 1000, burst_limit: 10 }
  standard: { token_limit_per_hour: 5000 }
teams:
  research: { tier: standard, overrides: { token_limit_per_hour: 8000 } }
`;

/** The namespace that policies of \`gatewayPolicy\` lie in. */
export const namespaces: readonly JsonObject[] = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'llm' } }];

/** Compiles a tenancy; throws where it is wrong. */
export function tenancyFrom(text: string, name = 'platform'): Tenancy {
  return tenancyOf(name, 'f'.repeat(64), artifactOf(text, 'policies.yaml', name));
}

export function artifactOf(text: string, file: string, name = 'platform'): string {
  const { ok, diagnostics, outputs } = compile(`${name}.yaml`, text, nodeHost, { maximumMilliseconds: 0 });
  const artifact = outputs.flatMap(({ artifacts }) => artifacts).find(({ path }) => path === file);
  if (!ok || typeof artifact?.content !== 'string')
    throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return artifact.content;
}

/** The official client's connection to a server of the tests, which waits long for answers and tries again at once. */
export async function connectTo(
  kubeconfig: string,
  { timeout = 60_000, attempts = 3 }: { readonly timeout?: number; readonly attempts?: number } = {},
): Promise<Cluster> {
  const connected = await connectCluster({ kubeconfig, timeout, pace: { attempts, first: 1, longest: 5000 } });
  if (!connected.ok) throw new Error(connected.failure.message);
  return connected.value;
}

/** A world whose clock runs as fast as it is waited for. */
export function worldOf(
  cluster: Cluster,
  journals: string,
): TenancyWorld & { readonly records: readonly AuditEntry[] } {
  const records: AuditEntry[] = [];
  let now = Date.UTC(2026, 10, 23);
  return {
    cluster,
    journals,
    records,
    audit: { append: (entries) => void records.push(...entries) },
    now: () => now,
    async pause(milliseconds) {
      now += milliseconds;
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
    actor: 'tester@here',
  };
}

/** What people and the gateway see of the policies: without what the server counts. */
export function stateOf(server: KubernetesServer): string {
  const kinds = ['AuthPolicy', 'RateLimitPolicy', 'TokenRateLimitPolicy'];
  const objects = kinds
    .flatMap((kind) => server.objects(kind))
    .map((object) => ({
      kind: object.kind,
      name: at(object, 'metadata', 'name'),
      labels: at(object, 'metadata', 'labels'),
      annotations: at(object, 'metadata', 'annotations'),
      spec: object.spec,
    }));
  return JSON.stringify(sorted(objects));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

export function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
