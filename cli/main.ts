import { version } from '../compiler/version.ts';
import { withoutAliases } from './aliases.ts';
import { exitCode } from './exit-codes.ts';
import { summaries } from './summaries.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { loadOf, verbs } from './verbs.ts';

/** Runs one command line (without `node` and the script) and gives its exit code. Never throws. */
export async function main(words: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  try {
    const code = await dispatch(words, terminal);
    if (code !== exitCode.fine || terminal.lost === undefined) return code;
    const { failureText } = await import('./failure.ts');
    terminal.writeError(`polc: cannot write all of the output: ${failureText(terminal.lost)}\n`);
    return exitCode.environment;
  } catch (error) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    terminal.writeError(
      `polc failed where it must not; this is a mistake in polc, not in your policy\n\n${trace}\n\npolc ${version}, node ${process.version}, ${process.platform} ${process.arch}\n  = help: please report it with the text above, the command and the policy\n`,
    );
    return exitCode.internal;
  }
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<number> {
  const [verb, ...rest] = withoutAliases(words);
  const load = loadOf(verb, verbs);
  if (load !== undefined) return (await load()).command.start(rest, terminal);
  if (verb === '--version' || verb === '-V') {
    terminal.write(`polc ${version}\n`);
    return exitCode.fine;
  }
  const [asked, ...below] = rest;
  const askedLoad = verb === 'help' ? loadOf(asked, verbs) : undefined;
  if (askedLoad !== undefined) return (await askedLoad()).command.start([...below, '--help'], terminal);
  const isOverview = verb === '--help' || verb === '-h' || (verb === 'help' && asked === undefined);
  if (verb === undefined || isOverview) {
    const { overview } = await import('./help.ts');
    const text = overview(summaries);
    if (isOverview) terminal.write(text);
    else terminal.writeError(text);
    return isOverview ? exitCode.fine : exitCode.usage;
  }
  const { nearest } = await import('../compiler/diagnostics/suggest.ts');
  const unknown = verb === 'help' ? (asked ?? '') : verb;
  const near = nearest(unknown, Object.keys(verbs));
  const help = near === undefined ? '`polc --help` lists the verbs' : `a verb with a similar name exists: \`${near}\``;
  terminal.writeError(`polc: unknown verb \`${unknown}\`\n  = help: ${help}\n`);
  return exitCode.usage;
}
