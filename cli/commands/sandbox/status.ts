import { closeSync } from 'node:fs';
import { followEvents } from '../../../runtime/hook-programs/events.ts';
import { allPinned, type PinnedPrograms, pinnedEvents } from '../../../runtime/hook-programs/pinned.ts';
import { processesIn } from '../../../runtime/hook-programs/program-group.ts';
import { Bpf } from '../../../runtime/kernel/bpf.ts';
import { KernelRefusal, systemCalls } from '../../../runtime/kernel/system-calls.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { answerFormat } from '../../output.ts';
import { eventLine } from '../../sandbox/event-lines.ts';
import { untilEnded } from '../../sandbox/until-ended.ts';
import { columns } from '../../signing/columns.ts';
import { sandboxSummaries } from '../../summaries.ts';
import type { Terminal } from '../../terminal.ts';

export const command = defineCommand(
  {
    name: 'sandbox status',
    summary: sandboxSummaries.status,
    operands: '[NAME]',
    operandCount: { least: 0, most: 1 },
    options: {
      ...answerFormat,
      events: { type: 'flag', doc: 'print what the programs of NAME have recorded instead, a line of JSON each' },
      follow: { type: 'flag', doc: 'with `--events`, go on as records come' },
      'exit-code': {
        type: 'flag',
        doc: 'end with 4 when NAME, or anything that was loaded, is not in force as a whole',
      },
    },
    details: 'Each record is given once, to whoever asks first. Programs go on when nobody reads what they record.',
    examples: ['polc sandbox status', 'polc sandbox status web --events --follow'],
  },
  async ({ options, operands: [wanted] }, terminal) => {
    const wrong = (problem: string, help: string) => {
      terminal.writeError(`polc sandbox status: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const pinned = allPinned().filter(({ name }) => wanted === undefined || name === wanted);
    const [first] = pinned;
    if (wanted !== undefined && first === undefined && (options.events || !options['exit-code'])) {
      return wrong(`\`${wanted}\` is not loaded`, 'see `polc sandbox status` for what is');
    }
    if (options.events) {
      if (first === undefined)
        return wrong('no name is given', 'say whose records: `polc sandbox status NAME --events`');
      return printEvents(first, options.follow, terminal);
    }
    const statuses = pinned.map(statusOf);
    if (options.format === 'json') terminal.write(`${JSON.stringify({ loaded: statuses }, undefined, 2)}\n`);
    else terminal.write(tableOf(statuses, wanted));
    const whole = statuses.every(({ in_force }) => in_force) && (wanted === undefined || statuses.length > 0);
    return options['exit-code'] && !whole ? exitCode.refused : exitCode.fine;
  },
);

interface Status {
  readonly name: string;
  readonly policy?: string;
  readonly file?: string;
  readonly hash?: string;
  readonly loaded?: string;
  readonly cgroup?: string;
  /** Absent where the group is gone. */
  readonly processes?: number;
  readonly programs: readonly string[];
  /** Whether every program's link is pinned, and the group is there. */
  readonly in_force: boolean;
}

function statusOf({ name, record, links }: PinnedPrograms): Status {
  if (record === undefined) return { name, programs: links, in_force: false };
  const { policy, file, hash, loaded, cgroup, description } = record;
  const processes = processesIn(cgroup);
  const whole = description.programs.every((program) => links.includes(program.name));
  return {
    name,
    policy,
    file,
    hash,
    loaded,
    cgroup,
    ...(processes === undefined ? {} : { processes }),
    programs: links,
    in_force: whole && processes !== undefined,
  };
}

function tableOf(statuses: readonly Status[], wanted: string | undefined): string {
  if (statuses.length === 0) return wanted === undefined ? 'nothing is loaded\n' : `\`${wanted}\` is not loaded\n`;
  const rows = statuses.map(({ name, policy, cgroup, processes, programs, hash, in_force }) => [
    name,
    in_force ? 'in force' : 'not whole',
    policy ?? '?',
    (hash ?? '').slice(0, 12),
    cgroup ?? '?',
    processes === undefined ? 'gone' : String(processes),
    [...programs].sort().join(' '),
  ]);
  return columns([['NAME', 'STATE', 'POLICY', 'HASH', 'CGROUP', 'PROCESSES', 'PROGRAMS'], ...rows]);
}

async function printEvents({ name, record }: PinnedPrograms, follow: boolean, terminal: Terminal): Promise<number> {
  const refused = (problem: string, help: string) => {
    terminal.writeError(`polc sandbox status: ${problem}\n  = help: ${help}\n`);
    return exitCode.environment;
  };
  if (record === undefined) return refused(`what \`${name}\` records has no description`, 'load it again');
  const calls = await systemCalls();
  if ('problem' in calls) return refused(calls.problem, calls.help);
  try {
    const map = pinnedEvents(new Bpf(calls), name);
    if (map === undefined) return exitCode.fine;
    const ended = follow ? untilEnded() : undefined;
    const following = followEvents(calls, [{ map, rules: record.description.rules }], record.policy, (event) =>
      terminal.write(eventLine(event)),
    );
    await ended;
    await following.end();
    closeSync(map.descriptor);
    return exitCode.fine;
  } catch (error) {
    if (!(error instanceof KernelRefusal)) throw error;
    return refused(error.message, 'start polc as root');
  }
}
