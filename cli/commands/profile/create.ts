import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { findInputs } from '../../build/inputs.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { makeFolders } from '../../folders.ts';
import { chainText, partsOfChain, type WrittenPart } from '../../launch/chain-text.ts';
import { keysLike, limitFieldsOf, limitOptions } from '../../launch/limit-options.ts';
import { type CompiledChain, compileChain } from '../../launch/policy-text.ts';
import { printFindings } from '../../launch/print-chain.ts';
import { profileFiles, profileName } from '../../launch/profile.ts';
import { isStored, storeProfile, useProfile } from '../../launch/stored-profiles.ts';
import { findProject, type Project } from '../../project.ts';
import { report } from '../../report.ts';
import { profileSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'profile create',
    summary: profileSummaries.create,
    operands: 'NAME',
    operandCount: { least: 1, most: 1 },
    options: {
      from: {
        type: 'list',
        value: 'FILE,...',
        doc: 'policies to begin with: the institution, and a profile whose limits hold where no option says another',
      },
      description: { type: 'text', value: 'TEXT', doc: 'what it is for, for people to read' },
      ...limitOptions,
      out: {
        type: 'text',
        value: 'FILE',
        doc: 'write there instead of into the folder of your profiles; - for standard output',
        short: 'o',
        completes: 'files',
      },
      force: { type: 'flag', doc: 'replace what is there' },
      use: { type: 'flag', doc: 'decide launches under it from now on' },
    },
    details:
      'The profile is compiled before it is written, and written only where nothing is wrong. What `--from` names is copied: the profile needs no other file, and what changes there later does not change it.',
    examples: [
      'polc profile create cs101 --template-whitelist python-basic,r-basic --max-hourly-cost 0.15',
      'polc profile create chemistry-dept --ami-whitelist chem-analysis-v2.1 --from state-university.yaml',
    ],
  },
  async ({ options, operands }, terminal) => {
    const [name = ''] = operands;
    const refuse = (problem: string, help: string) => {
      terminal.writeError(`polc profile create: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const fail = (diagnostic: Diagnostic, code: number) => {
      printFindings([diagnostic], new Map(), terminal);
      return code;
    };
    if (!profileName.test(name)) {
      return refuse(`\`${name}\` cannot name a profile`, 'write letters, digits, `.`, `-` and `_`, at most 128');
    }
    if (options.use && options.out !== undefined) {
      return refuse('what is written elsewhere cannot be used by its name', 'leave `--out` or `--use` out');
    }
    const project = await findProject();
    const begun = beginWith(options.from, project);
    if ('code' in begun) return fail(begun, exitCode.environment);
    if ('nothingIn' in begun) {
      return refuse(`\`${begun.nothingIn}\` has nothing to begin with`, 'name a file with an institution or a profile');
    }
    if ('diagnostics' in begun) {
      printFindings(begun.diagnostics, begun.sources, terminal);
      return exitCode.policy;
    }
    const others = begun.filter(({ role }) => role === 'profile');
    const institutions = begun.filter(({ role }) => role === 'institution');
    if (others.length > 1 || institutions.length > 1) {
      const what = others.length > 1 ? 'profile' : 'institution';
      return refuse(`\`--from\` leads to more than one ${what}`, 'name the file of one');
    }
    const { description } = options;
    const asked = limitFieldsOf(options);
    const replaced = asked.flatMap(([key]) => keysLike(key));
    const kept = (others[0]?.fields ?? []).filter(([key]) => {
      return key !== 'name' && !replaced.includes(key) && (key !== 'description' || description === undefined);
    });
    const fields: WrittenPart['fields'] = [
      ['name', name],
      ...(description === undefined ? [] : [['description', description] as const]),
      ...kept,
      ...asked,
    ];
    const text = chainText([...institutions, { role: 'profile', fields }]);
    const stored = profileFiles(name).policy;
    const path = options.out === undefined || options.out === '-' ? stored : options.out;
    const chain = compileChain(path, text, dirname(path), project);
    printFindings(chain.diagnostics, chain.sources, terminal);
    if (chain.policy === undefined) return exitCode.policy;
    if (options.out === '-') {
      terminal.write(text);
      return exitCode.fine;
    }
    const taken = report('POL8317', { file: path, start: 0, end: 0 }, { path });
    if (options.out === undefined) {
      if (isStored(name) && !options.force) return fail(taken, exitCode.usage);
      const problem = storeProfile(name, text) ?? (options.use ? useProfile(name) : undefined);
      if (problem !== undefined) return fail(problem, exitCode.environment);
    } else {
      try {
        makeFolders(dirname(path));
        writeFileSync(path, text, { flag: options.force ? 'w' : 'wx' });
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return fail(taken, exitCode.usage);
        const reason = failureText(error);
        return fail(report('POL8003', { file: path, start: 0, end: 0 }, { path, reason }), exitCode.environment);
      }
    }
    terminal.write(`wrote ${path}${options.use ? ', which is in use now' : ''}\n`);
    return exitCode.fine;
  },
);

/**
 * The institutions and profiles of files; or the first that cannot be read, is wrong, or has neither. A limit that is misspelt
 * would be none in the copy.
 */
function beginWith(
  words: readonly string[],
  project: Project,
): readonly WrittenPart[] | Diagnostic | CompiledChain | { readonly nothingIn: string } {
  const parts: WrittenPart[] = [];
  for (const word of words) {
    try {
      const [file] = findInputs([word], project).files;
      const path = file?.path ?? word;
      const text = readFileSync(word, 'utf8');
      const chain = compileChain(path, text, file?.workspace ?? dirname(path), project);
      if (chain.policy === undefined) return chain;
      const found = partsOfChain(path, text).filter(({ role }) => role !== 'invitation');
      if (found.length === 0) return { nothingIn: word };
      parts.push(...found);
    } catch (error) {
      return report('POL8002', { file: word, start: 0, end: 0 }, { path: word, reason: failureText(error) });
    }
  }
  return parts;
}
