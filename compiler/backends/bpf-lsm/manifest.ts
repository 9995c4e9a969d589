import { contributors, enforceables, type Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import type { BuiltPrograms } from './build.ts';
import { slotsOf } from './listing.ts';
import { type Attachment, sectionName } from './program-kind.ts';

/** What a loader and a reader of records have to know of an object, which lies beside it. */
export interface BpfManifest {
  readonly version: 1;
  /** `major.minor` of the kernel that the programs are written for; later ones load them too. */
  readonly kernel: string;
  readonly programs: readonly {
    readonly name: string;
    readonly section: string;
    /** How it is attached: `lsm` to the whole system, the others to a cgroup. */
    readonly attach: 'lsm' | 'lsm_cgroup' | `cgroup_${string}`;
    readonly instructions: number;
  }[];
  readonly maps: readonly { readonly name: string; readonly type: string }[];
  /** By the index that a record has. */
  readonly rules: readonly {
    readonly id: string;
    readonly topic: string;
    readonly file?: string;
    readonly line?: number;
    readonly text?: string;
  }[];
}

export function bpfManifest(policy: Policy, { kernel }: Target, built: BuiltPrograms): string {
  const topics = new Map(
    enforceables(policy)
      .flatMap(contributors)
      .map(({ id, topic }) => [id, topic]),
  );
  const manifest: BpfManifest = {
    version: 1,
    kernel: `${kernel.major}.${kernel.minor}`,
    programs: built.programs.map(({ name, attachment, code }) => ({
      name,
      section: sectionName(attachment),
      attach: attachOf(attachment),
      instructions: slotsOf(code),
    })),
    maps: built.maps.map(({ name, type }) => ({ name, type })),
    rules: built.rules.map((id, index) => {
      const line = built.lines.get(index);
      const place = line === undefined ? {} : { file: line.file, line: line.line, text: line.text };
      return { id, topic: topics.get(id) ?? id, ...place };
    }),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

function attachOf(attachment: Attachment): BpfManifest['programs'][number]['attach'] {
  switch (attachment.kind) {
    case 'lsm':
      return 'lsm';
    case 'lsm-cgroup':
      return 'lsm_cgroup';
    case 'socket-address':
      return `cgroup_${attachment.call}`;
    default: {
      const unreachable: never = attachment;
      return unreachable;
    }
  }
}
