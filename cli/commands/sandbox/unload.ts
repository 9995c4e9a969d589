import { allPinned, unpin, unpinWhole } from '../../../runtime/hook-programs/pinned.ts';
import { isProgramGroup, removeProgramGroup } from '../../../runtime/hook-programs/program-group.ts';
import { Bpf } from '../../../runtime/kernel/bpf.ts';
import { systemCalls } from '../../../runtime/kernel/system-calls.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { sandboxSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'sandbox unload',
    summary: sandboxSummaries.unload,
    operands: 'NAME',
    operandCount: { least: 1, most: 1 },
    options: { quiet: { type: 'flag', doc: 'print nothing where it went well', short: 'q' } },
    details:
      'Nothing of the programs is left. A control group that was made for them is removed, unless it holds processes: they go on without the programs.',
    examples: ['polc sandbox unload web'],
  },
  async ({ options, operands: [wanted = ''] }, terminal) => {
    const pinned = allPinned();
    const found = pinned.find(({ name }) => name === wanted);
    if (found === undefined) {
      const { nearest } = await import('../../../compiler/diagnostics/suggest.ts');
      const names = pinned.map(({ name }) => name);
      const near = nearest(wanted, names);
      const loaded = names.length === 0 ? 'nothing is loaded' : `what is loaded is ${names.join(', ')}`;
      const help = near === undefined ? loaded : `did you mean \`${near}\`?`;
      terminal.writeError(`polc sandbox unload: \`${wanted}\` is not loaded\n  = help: ${help}\n`);
      return exitCode.usage;
    }
    try {
      const calls = await systemCalls();
      if ('problem' in calls) {
        unpin(wanted);
        terminal.writeError(
          `polc sandbox unload: whether something else holds links of \`${wanted}\` is not known: ${calls.problem}\n  = help: ${calls.help}\n`,
        );
      } else if (!(await unpinWhole(new Bpf(calls), wanted))) {
        terminal.writeError(`polc sandbox unload: something else holds links of \`${wanted}\`\n`);
        return exitCode.environment;
      }
    } catch (error) {
      terminal.writeError(
        `polc sandbox unload: ${failureText(error)}\n  = help: start polc as the user who loaded it\n`,
      );
      return exitCode.environment;
    }
    const { record } = found;
    // What the record names is removed only where it is a group.
    const own = record?.ownGroup === true && isProgramGroup(record.cgroup) ? record.cgroup : undefined;
    const left = own !== undefined && !removeProgramGroup(own) ? own : undefined;
    if (left !== undefined) terminal.writeError(`${left} still holds processes and was left\n`);
    if (!options.quiet) terminal.writeError(`\`${wanted}\` is no longer in force\n`);
    return exitCode.fine;
  },
);
