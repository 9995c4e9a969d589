import { parseYamlStream } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import type { YamlNode } from '../../compiler/source/tree.ts';
import type { Said, TenancySettings } from './settings.ts';

/** A policy's text with the gateway that the settings name, or why it cannot have one. */
export type WithGateway =
  | { readonly text: string; readonly gateway: Said | undefined; readonly namespace: Said | undefined }
  | { readonly problem: string };

const byPolicy = 'the policy';

/**
 * Puts the gateway that an option or a variable names in the place of the one that the policy names; lines stay where they
 * are, so that findings point at what the author wrote. A policy that is no YAML stays as it is: the compiler says why.
 */
export function withGateway(text: string, settings: Pick<TenancySettings, 'gateway' | 'namespace'>): WithGateway {
  const { documents } = parseYamlStream(sourceText('policy', text));
  if (documents.some(({ diagnostics }) => diagnostics.length > 0)) {
    return { text, gateway: undefined, namespace: undefined };
  }
  const lists = documents.flatMap(({ root }) => under(root, 'targets') ?? []);
  const targets = lists.flatMap((list) => (list.kind === 'sequence' ? list.items : [list]));
  const [list] = lists;
  const written = targets.length === 1 ? under(targets[0], 'gateway') : undefined;
  const named = (key: string): Said | undefined => {
    const value = under(written, key);
    return value?.kind === 'scalar' ? { value: value.text, by: byPolicy } : undefined;
  };
  const gateway = settings.gateway ?? named('name');
  const namespace = settings.namespace ?? named('namespace');
  const by = (settings.gateway ?? settings.namespace)?.by;
  if (by === undefined) return { text, gateway, namespace };
  if (lists.length > 1 || targets.length > 1 || (targets.length === 1 && written === undefined)) {
    const problem = `${by} names one gateway, and the policy has other targets`;
    return { problem: `${problem}\n  = help: unset it, or leave out \`targets\`` };
  }
  if (gateway === undefined || namespace === undefined) {
    const missing = gateway === undefined ? 'GATEWAY_NAME' : 'GATEWAY_NAMESPACE';
    return { problem: `${by} is set and ${missing} is not\n  = help: set both, or write \`targets\` into the policy` };
  }
  const said = JSON.stringify([{ gateway: { namespace: namespace.value, name: gateway.value } }]);
  if (list === undefined) return { text: `${text.replace(/\n?$/, '\n')}---\ntargets: ${said}\n`, gateway, namespace };
  const { start, end } = list.span;
  const lines = text.slice(start, end).split('\n').length - 1;
  return { text: `${text.slice(0, start)}${said}${'\n'.repeat(lines)}${text.slice(end)}`, gateway, namespace };
}

function under(node: YamlNode | undefined, name: string): YamlNode | undefined {
  return node?.kind === 'map' ? node.entries.find(({ key }) => key.text === name)?.value : undefined;
}
