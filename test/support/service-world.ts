import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformOf } from '../../cli/tenancy/serve-platform.ts';
import type { AuditEntry } from '../../runtime/audit/record.ts';
import type { Cluster } from '../../runtime/tenancy/port.ts';
import { Metrics } from '../../runtime/tenancy/serve/metrics.ts';
import { openOperationJournal } from '../../runtime/tenancy/serve/operation-journal.ts';
import { Operations } from '../../runtime/tenancy/serve/operations.ts';
import type { ServiceWorld } from '../../runtime/tenancy/serve/platform.ts';
import { servicePolicy } from './tenancy-service.ts';
import { worldOf } from './tenancy-world.ts';

export interface TestService {
  readonly parts: ServiceWorld;
  readonly records: readonly AuditEntry[];
  /** Lets go of the journal, as the end of the process does. */
  close(): void;
}

const nobodySaid = { gateway: undefined, namespace: undefined, configMap: undefined, enabled: true };
const noProject = { path: undefined, folder: undefined, config: undefined, diagnostics: [], ok: true };

/** The parts of a service in this process, with a clock that runs as fast as it is waited for. */
export function serviceOver(cluster: Cluster, folder: string): TestService {
  const journals = join(folder, 'applies');
  mkdirSync(journals, { recursive: true });
  const policy = join(folder, 'platform.yaml');
  writeFileSync(policy, servicePolicy);
  const platform = platformOf([policy], nobodySaid, noProject);
  if (typeof platform === 'string') throw new Error(platform);
  const { tenancy, enforceAt, diagnostics } = platform.compile('');
  if (tenancy === undefined || enforceAt === undefined) throw new Error(JSON.stringify(diagnostics));
  const world = worldOf(cluster, journals);
  const operations = new Operations(openOperationJournal(join(folder, 'operations.jsonl')), world.now);
  const { keys, labels, annotations } = enforceAt;
  return {
    parts: {
      world,
      platform,
      operations,
      places: {
        policy: tenancy.policy,
        keys: { keys, labels, annotations },
        templates: { namespace: 'llm', name: 'platform-default-policies' },
      },
      metrics: new Metrics(),
      timeout: 2000,
    },
    records: world.records,
    close: () => operations.close(),
  };
}
