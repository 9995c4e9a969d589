import { runningServers, stopServers } from '../../../runtime/sandbox/zygote/servers.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { sandboxSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'sandbox zygotes',
    summary: sandboxSummaries.zygotes,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: { stop: { type: 'flag', doc: 'end them, and the programs that they have started' } },
    details:
      '`polc run` starts a server where a policy asks for one (`performance.zygote`). It ends by itself when nobody has asked for five minutes. `polc docs zygote` says what its programs share.',
    examples: ['polc sandbox zygotes', 'polc sandbox zygotes --stop'],
  },
  async ({ options }, terminal) => {
    const result = options.stop ? await stopServers() : await runningServers();
    if ('problem' in result) {
      terminal.writeError(`polc sandbox zygotes: ${result.problem}\n`);
      return exitCode.environment;
    }
    const { stopped, left } = 'left' in result ? result : { stopped: [], left: result };
    for (const { identity, pid } of stopped) terminal.write(`${identity}  process ${pid}  ended\n`);
    for (const { identity, pid } of left)
      terminal.write(`${identity}  process ${pid}  ${options.stop ? 'has not ended in time' : 'running'}\n`);
    if (stopped.length === 0 && left.length === 0) terminal.write('no fork server is running\n');
    return options.stop && left.length > 0 ? exitCode.environment : exitCode.fine;
  },
);
