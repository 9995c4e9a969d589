import type { Policy } from '../../ir/policy.ts';
import type * as Validate from '../../verify/wasi.ts';
import type { Artifact, Backend, SourceMapEntry } from '../backend.ts';
import { printJson } from '../oci/print-json.ts';
import { capabilityStrings, folderGrants } from './capabilities.ts';
import { guestCoverage } from './coverage.ts';
import { engineArguments, engineLosses, engineNames, nodeOptions } from './engines.ts';

/** What a guest of WASI may do, as capabilities and as the options of engines. */
export const wasi: Backend = {
  name: 'wasi',
  summary: 'capabilities of WASI, and options for wasmtime, wasmer, wasmedge and Node',
  byDefault: false,
  wantedBy: ({ obligations }) =>
    obligations.some((each) => each.kind === 'run-with' && each.setting === 'runtime' && each.value === 'wasm'),
  applies: ({ decisions, limits, obligations }) => decisions.length + limits.length + obligations.length > 0,
  emit(policy) {
    const capabilities = capabilityStrings(policy);
    return {
      artifacts: [
        { path: 'wasi.json', content: printJson(describe(policy, capabilities)), sourceMap: sourceMap(policy) },
        ...engineNames.flatMap((engine): readonly Artifact[] =>
          engine === 'node'
            ? [{ path: 'node.json', content: printJson(nodeOptions(policy)), sourceMap: [] }]
            : [{ path: `${engine}.args`, content: lines(engineArguments(policy, engine)), sourceMap: [] }],
        ),
        { path: 'engines.json', content: printJson({ losses: engineLosses(policy) }), sourceMap: [] },
      ],
      coverage: guestCoverage(policy),
      diagnostics: [],
      summary: `${capabilities.length} ${capabilities.length === 1 ? 'capability' : 'capabilities'}`,
    };
  },
  validate(policy, _target, artifacts) {
    const { validateWasi }: typeof Validate = require('../../verify/wasi.ts');
    return validateWasi(policy, artifacts);
  },
};

function describe(policy: Policy, capabilities: readonly string[]): object {
  const amount = (resource: string) => {
    const ceiling = policy.limits.find((limit) => limit.resource === resource)?.ceiling.amount;
    return ceiling === Number.POSITIVE_INFINITY ? undefined : ceiling;
  };
  return {
    capabilities,
    memoryBytes: amount('memory'),
    cpus: amount('cpu'),
    timeoutMilliseconds: amount('timeout'),
    descriptors: amount('rlimit:nofile'),
  };
}

/** Every folder's capability to the rules that it is made of. */
function sourceMap(policy: Policy): readonly SourceMapEntry[] {
  return folderGrants(policy).flatMap(({ rules }, at) =>
    rules.map(({ id, origin }) => ({ at: `/capabilities/${at}`, rule: id, span: origin.span })),
  );
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}
