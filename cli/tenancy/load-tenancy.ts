import { readFileSync } from 'node:fs';
import { printYaml } from '../../compiler/backends/kuadrant/print-yaml.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { type Tenancy, tenancyOf } from '../../runtime/tenancy/desired.ts';
import { isMap } from '../../runtime/tenancy/json.ts';
import { configMaps } from '../../runtime/tenancy/kinds.ts';
import type { Cluster } from '../../runtime/tenancy/port.ts';
import { callProblem } from '../../runtime/tenancy/problems.ts';
import { findInputs } from '../build/inputs.ts';
import { failureText } from '../failure.ts';
import { nodeHost } from '../host.ts';
import { compileOptionsOf, type Project, targetOf } from '../project.ts';
import type { Said, TenancySettings } from './settings.ts';
import { withGateway } from './with-gateway.ts';

export interface LoadedTenancy {
  /** Undefined where the policy is wrong. */
  readonly tenancy: Tenancy | undefined;
  /** The policy as it was compiled, where it could be. */
  readonly policy: Policy | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What could not be read, or is no tenancy. */
  readonly problem?: string;
  readonly gateway: Said | undefined;
  readonly namespace: Said | undefined;
  /** What findings may quote that is not on the disk. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Compiles the policy that a word of the command line names, for the gateway of the settings. */
export function loadFile(word: string, settings: TenancySettings, project: Project): LoadedTenancy {
  const { files, problems } = findInputs([word], project);
  const [problem] = problems;
  if (problem !== undefined) return failed(`cannot read \`${problem.path}\`: ${problem.reason}`);
  const [file] = files;
  if (file === undefined || !file.named) return failed(`\`${word}\` is a folder\n  = help: name one policy`);
  let text: string;
  try {
    text = readFileSync(file.path, 'utf8');
  } catch (error) {
    return failed(`cannot read \`${file.path}\`: ${failureText(error)}`);
  }
  return load(file.path, text, settings, project, { workspace: file.workspace, dialect: file.dialect });
}

/** Compiles the tiers of the ConfigMap that the settings name. */
export async function loadConfigMap(
  settings: TenancySettings,
  project: Project,
  cluster: Cluster,
): Promise<LoadedTenancy> {
  const { configMap, namespace } = settings;
  if (configMap === undefined)
    return failed('there is no policy\n  = help: name one, or set POLICY_TEMPLATE_CONFIGMAP');
  if (namespace === undefined) {
    return failed(`${configMap.by} names a ConfigMap, and no namespace is set\n  = help: set GATEWAY_NAMESPACE`);
  }
  const name = configMap.value;
  const answer = await cluster.read({ kind: configMaps, namespace: namespace.value, name });
  if (!answer.ok) return { ...failed(undefined), diagnostics: [callProblem(name, answer.failure)] };
  const { data } = answer.value;
  if (!isMap(data)) {
    const diagnostic = report('POL8129', { file: name, start: 0, end: 0 }, { name, reason: 'it has no data' });
    return { ...failed(undefined), diagnostics: [diagnostic] };
  }
  const texts = Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? value.trimEnd() : '']);
  const metadata = { name, namespace: namespace.value };
  const text = printYaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: Object.fromEntries(texts) });
  return load(`${name}.yaml`, text, settings, project, { workspace: '', dialect: 'tenancy' });
}

/**
 * Compiles the text of a policy, for the gateway of the settings.
 *
 * @param additions documents that stand behind it
 */
export function load(
  path: string,
  written: string,
  settings: TenancySettings,
  project: Project,
  { workspace, dialect }: { readonly workspace: string; readonly dialect: string | undefined },
  additions = '',
): LoadedTenancy {
  const placed = withGateway(written, settings);
  if ('problem' in placed) return failed(placed.problem);
  const { gateway, namespace } = placed;
  const text = placed.text + additions;
  const compilation = compile(path, text, nodeHost, {
    ...compileOptionsOf(project),
    target: targetOf(project),
    maximumMilliseconds: 0,
    workspace,
    ...(dialect === undefined ? {} : { dialect }),
    today: new Date().toISOString().slice(0, 10),
  });
  if (compilation.dialect !== undefined && compilation.dialect !== 'tenancy') {
    return failed(`\`${path}\` is a policy of the dialect ${compilation.dialect}, not a tenancy`);
  }
  const by = (settings.gateway ?? settings.namespace)?.by;
  const places = compilation.policy?.obligations.filter(({ kind }) => kind === 'enforce-at').length ?? 0;
  if (by !== undefined && places > 1) {
    const problem = `${by} names one gateway, and a file that the policy includes has \`targets\` too`;
    return failed(`${problem}\n  = help: unset it, or leave out \`targets\` there`);
  }
  return {
    tenancy: tenancyIn(compilation),
    policy: compilation.policy,
    diagnostics: compilation.diagnostics,
    gateway,
    namespace,
    texts: new Map([[path, text]]),
  };
}

function tenancyIn({ ok, outputs, policy, hash }: Compilation): Tenancy | undefined {
  if (!ok || policy === undefined) return undefined;
  const artifact = outputs
    .find(({ backend }) => backend === 'kuadrant')
    ?.artifacts.find(({ path }) => path.endsWith('policies.yaml'));
  return typeof artifact?.content === 'string' ? tenancyOf(policy.name, hash, artifact.content) : undefined;
}

function failed(problem: string | undefined): LoadedTenancy {
  return {
    tenancy: undefined,
    policy: undefined,
    diagnostics: [],
    gateway: undefined,
    namespace: undefined,
    texts: new Map(),
    ...(problem === undefined ? {} : { problem }),
  };
}
