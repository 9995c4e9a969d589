import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { explainAction } from '../../compiler/explain/action.ts';
import type { Answer } from '../../compiler/explain/answer.ts';
import { explainCoverage } from '../../compiler/explain/coverage.ts';
import { explainPath } from '../../compiler/explain/path.ts';
import { explainSyscall } from '../../compiler/explain/syscall.ts';
import { targetServed } from '../../compiler/served-architectures.ts';
import { isRegion, nearestRegion } from '../../compiler/tables/aws-regions.ts';
import { iamAction, nearestAction } from '../../compiler/tables/iam-actions.ts';
import { isSyscall, syscallNames } from '../../compiler/tables/syscalls.ts';
import { compileFile } from '../build/compile-file.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { printDiagnostics } from '../output.ts';
import { findProject, targetOf } from '../project.ts';
import { summaries } from '../summaries.ts';
import { readTarget } from '../target.ts';

export const command = defineCommand(
  {
    name: 'explain',
    summary: summaries.explain,
    operands: '[POLICY...]',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      syscall: { type: 'text', value: 'NAME', doc: 'what happens to this system call', short: 's' },
      argument: {
        type: 'pairs',
        value: 'N=VALUE',
        doc: 'an argument of the call, from 0; others are unknown',
        short: 'a',
      },
      path: { type: 'text', value: 'PATH', doc: 'what may be done with this path', short: 'p' },
      action: { type: 'text', value: 'NAME', doc: 'what happens to requests for this AWS action' },
      region: { type: 'text', value: 'REGION', doc: 'the region of the requests; any, where it is absent' },
      request: {
        type: 'text',
        value: 'FILE',
        doc: 'what becomes of the HTTP request in this file; with the policies, gateways and routes of all files named',
        short: 'r',
      },
      profile: {
        type: 'text',
        value: 'PROFILE',
        doc: 'what this profile, with its institution and invitation, lets people launch; with --template, of that',
      },
      template: {
        type: 'text',
        value: 'TEMPLATE',
        doc: 'what this template lets people launch; with --profile, those',
      },
      adaptive: { type: 'flag', doc: 'between which levels the events under `adaptive` move, and what each refuses' },
      target: { type: 'pairs', value: 'KEY=VALUE', doc: 'the target, as for build', short: 't' },
      format: {
        type: 'choice',
        choices: ['pretty', 'json', 'mermaid'],
        doc: 'how to print the answer; mermaid, a diagram, with --adaptive',
        default: 'pretty',
      },
    },
    examples: [
      'polc explain web.yaml',
      'polc explain web.yaml --syscall socket --argument 0=2',
      'polc explain web.yaml --path /etc/passwd',
      'polc explain ci-quarantine.yaml --action ec2:RunInstances --region us-east-1',
      'polc explain gateway limits.yaml --request request.yaml',
      'polc explain --profile cs101 --template python-ml.yaml',
      'polc explain web.yaml --adaptive --format mermaid',
    ],
  },
  async ({ options, operands }, terminal) => {
    const usage = (problem: string, help: string) => {
      terminal.writeError(`polc explain: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const problem = questionProblem(options, operands);
    if (problem !== undefined) return usage(problem.problem, problem.help);
    const project = await findProject();
    const target = readTarget(options.target, targetOf(project));
    if ('problem' in target) return usage(target.problem, target.help);
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
      return exitCode.policy;
    }
    if (project.diagnostics.length > 0) await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
    const print = (answer: Answer) => {
      const text = options.format === 'json' ? JSON.stringify(answer.data, undefined, 2) : answer.lines.join('\n');
      terminal.write(`${text}\n`);
      return exitCode.fine;
    };
    if (options.request !== undefined) {
      const { askRequest } = await import('../explain/ask-request.ts');
      const compiling = { target, maximumMilliseconds: 0 };
      const answer = await askRequest(operands, options.request, project, compiling, terminal);
      return typeof answer === 'number' ? answer : print(answer);
    }
    if (options.profile !== undefined || options.template !== undefined) {
      const { askLaunch } = await import('../explain/ask-launch.ts');
      const answer = await askLaunch(options, project, { target, maximumMilliseconds: 0 }, terminal);
      return typeof answer === 'number' ? answer : print(answer);
    }
    if (operands.length > 1) return usage('several policies are named', 'name one, or ask with `--request FILE`');
    const compilation = compileFile(operands[0] ?? '', project, { target, maximumMilliseconds: 0 });
    if ('problem' in compilation) {
      terminal.writeError(`polc explain: ${compilation.problem}\n`);
      return exitCode.environment;
    }
    if (compilation.policy === undefined) {
      await printDiagnostics(compilation.diagnostics, [], 'pretty', terminal);
      return exitCode.policy;
    }
    let answer: Answer;
    if (options.adaptive) {
      const { askAdaptive } = await import('../explain/ask-adaptive.ts');
      const served = targetServed(compilation.policy, target);
      const drawn = askAdaptive(compilation, operands[0] ?? '', project, served, options.format === 'mermaid');
      if (drawn === undefined) return usage(`\`${operands[0]}\` is no sandbox policy`, 'only those have levels');
      answer = drawn;
    } else if (options.syscall !== undefined) {
      if (!isSyscall(options.syscall)) {
        const near = nearest(options.syscall, syscallNames());
        return usage(
          `unknown syscall \`${options.syscall}\``,
          near === undefined ? 'syscalls(2) lists the names' : `did you mean \`${near}\`?`,
        );
      }
      const given = new Map<number, bigint>();
      for (const [key, value] of options.argument) {
        if (!/^[0-5]$/.test(key) || !/^(0x[0-9a-fA-F]{1,16}|\d{1,20})$/.test(value)) {
          return usage(
            `\`--argument ${key}=${value}\` is not N=VALUE`,
            'N is from 0 to 5, VALUE a number such as 2 or 0x10',
          );
        }
        given.set(Number(key), BigInt.asUintN(64, BigInt(value)));
      }
      const { architectures } = targetServed(compilation.policy, target);
      answer = explainSyscall(compilation, options.syscall, given, architectures);
    } else if (options.path !== undefined) {
      if (!options.path.startsWith('/')) return usage(`\`${options.path}\` is relative`, 'write the absolute path');
      answer = explainPath(compilation, options.path);
    } else if (options.action !== undefined) {
      const { action, region } = options;
      const known = iamAction(action);
      if (known === undefined) {
        const near = nearestAction(action);
        return usage(
          `unknown action \`${action}\``,
          near === undefined ? 'write `service:Action`, such as `ec2:RunInstances`' : `did you mean \`${near}\`?`,
        );
      }
      if (region !== undefined && !isRegion(region)) {
        const near = nearestRegion(region);
        return usage(
          `unknown region \`${region}\``,
          near === undefined ? 'write a region such as `us-east-1`' : `did you mean \`${near}\`?`,
        );
      }
      answer = explainAction(compilation, known.name, region);
    } else {
      answer = explainCoverage(compilation);
    }
    return print(answer);
  },
);

interface Question {
  readonly syscall?: string | undefined;
  readonly argument: ReadonlyMap<string, string>;
  readonly path?: string | undefined;
  readonly action?: string | undefined;
  readonly region?: string | undefined;
  readonly request?: string | undefined;
  readonly profile?: string | undefined;
  readonly template?: string | undefined;
  readonly adaptive: boolean;
  readonly format: string;
}

/** What is wrong with the question: there is one at a time, and what narrows one needs it. */
function questionProblem(
  { syscall, argument, path, action, region, request, profile, template, adaptive, format }: Question,
  operands: readonly string[],
) {
  const launch = profile ?? template;
  const named = profile === undefined ? 'template' : 'profile';
  const asked = Object.entries({
    syscall,
    path,
    action,
    request,
    [named]: launch,
    adaptive: adaptive || undefined,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`\`--${name}\``]));
  if (asked.length > 1) return { problem: `${asked.join(' and ')} are two questions`, help: 'ask one at a time' };
  if (launch !== undefined && operands.length > 0) {
    return {
      problem: `\`${operands[0]}\` is one policy too many`,
      help: 'name files with `--profile` and `--template` only',
    };
  }
  if (launch === undefined && operands.length === 0) {
    return { problem: 'no policy is named', help: 'write `polc explain POLICY`' };
  }
  if (region !== undefined && action === undefined) {
    return { problem: '`--region` is the region of an action', help: 'add `--action NAME`' };
  }
  if (format === 'mermaid' && !adaptive) {
    return { problem: '`--format mermaid` draws levels', help: 'add `--adaptive`' };
  }
  if (argument.size > 0 && syscall === undefined) {
    return { problem: '`--argument` is an argument of a system call', help: 'add `--syscall NAME`' };
  }
  return undefined;
}
