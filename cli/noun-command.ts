import type { Command } from './command.ts';
import { exitCode } from './exit-codes.ts';
import type { Summaries } from './help.ts';
import { loadOf, type Verbs } from './verbs.ts';

/** A verb that is a noun, with verbs of its own: `polc guardrail simulate`. */
export function nounCommand(name: string, summary: string, verbs: Verbs, summaries: Summaries): Command {
  const names = Object.keys(verbs);
  return {
    shape: {
      name,
      summary,
      operands: 'VERB [OPTION]... [OPERAND]...',
      operandCount: { least: 1, most: Number.POSITIVE_INFINITY },
      completes: names,
      options: {},
    },
    verbs,
    async start([verb, ...rest], terminal) {
      const load = loadOf(verb, verbs);
      if (load !== undefined) return (await load()).command.start(rest, terminal);
      const [asked, ...below] = rest;
      const askedLoad = verb === 'help' ? loadOf(asked, verbs) : undefined;
      if (askedLoad !== undefined) return (await askedLoad()).command.start([...below, '--help'], terminal);
      if (verb === '--help' || verb === '-h' || (verb === 'help' && asked === undefined)) {
        const { nounHelp } = await import('./help.ts');
        terminal.write(nounHelp(name, summary, summaries));
        return exitCode.fine;
      }
      const { nearest } = await import('../compiler/diagnostics/suggest.ts');
      const unknown = verb === 'help' ? asked : verb;
      const near = unknown === undefined ? undefined : nearest(unknown, names);
      const problem = unknown === undefined ? 'there is no verb' : `unknown verb \`${unknown}\``;
      const help = near === undefined ? `the verbs are ${names.join(', ')}` : `did you mean \`${near}\`?`;
      terminal.writeError(`polc ${name}: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    },
  };
}
