import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { join } from 'node:path';
import { withFolder } from './folder.ts';
import { type KubernetesOptions, type KubernetesServer, withKubernetes } from './kubernetes/server.ts';
import { type RunningService, type ServiceOptions, serviceFiles, startServing } from './tenancy-service.ts';
import { namespaces } from './tenancy-world.ts';

export interface Served {
  readonly service: RunningService;
  readonly server: KubernetesServer;
  readonly folder: string;
  /** The file of the audit log. */
  readonly audit: string;
}

/** Runs with a service of its own and an API server in plain HTTP, both gone afterwards. */
export function serving(
  run: (served: Served) => Promise<void>,
  options: ServiceOptions & { readonly kubernetes?: KubernetesOptions } = {},
): Promise<void> {
  return withKubernetes({ objects: namespaces, secure: false, ...options.kubernetes }, (server) =>
    withFolder(async (folder) => {
      serviceFiles(folder, options.policy);
      const service = await startServing(folder, server, options);
      try {
        await run({ service, server, folder, audit: join(folder, 'state', 'audit.jsonl') });
      } finally {
        await service.stop();
      }
    }),
  );
}

/** Changes an object in the name of somebody else, by a merge patch. */
export async function patchAs(server: KubernetesServer, manager: string, path: string, patch: object): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const send = server.url.startsWith('https:') ? requestSecure : requestPlain;
    const sent = send(
      `${server.url}${path}?fieldManager=${manager}`,
      {
        method: 'PATCH',
        ca: server.certificate,
        headers: { authorization: 'Bearer administrator', 'content-type': 'application/merge-patch+json' },
      },
      (response) => {
        response.resume();
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${response.statusCode}`));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(patch));
  });
}
