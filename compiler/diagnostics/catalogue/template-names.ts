import { entries } from '../entry.ts';
import { templateExample } from './template-example.ts';

const good = templateExample();

/** Names in templates: of base images, instance types, rules, other templates and parameters. */
export const templateNames = entries({
  POL3200: {
    severity: 'error',
    message: 'unknown base image `{name}`',
    help: 'the base images are {known}',
    explanation:
      'The base image is looked up in every region by its publisher: a public parameter of Systems Manager, or the newest image of its account. For images of your own write `base: ami-based` and name them in `ami_config.amis`.',
    bad: templateExample({ base: 'ubuntu-22.40' }),
    good,
  },
  POL3201: {
    severity: 'error',
    message: 'unknown instance type `{name}`',
    help: 'write an instance type of EC2, such as `t3.medium`',
    explanation:
      'A type that does not exist is never launched: an allow-list with it is shorter than it looks. The table of types is that of a version of polc; a newer type needs a newer polc.',
    bad: templateExample({ types: '[t3.medium, t3.meduim]' }),
    good,
  },
  POL3202: {
    severity: 'error',
    message: 'unknown rule of handling data `{name}`',
    help: 'the rules are {known}',
    explanation:
      'A rule that nobody knows has no effect, and would look like one that is kept. Rules with an effect on launches are enforced; the others are promises that an institution can ask for.',
    bad: templateExample({ metadata: 'data_handling: [no_fhi]' }),
    good: templateExample({ metadata: 'data_handling: [no_phi]' }),
  },
  POL3203: {
    severity: 'error',
    message: 'no template of the workspace is called `{name}`',
    help: 'write the slug, the name or the file of a template that lies in the workspace',
    explanation:
      'A template that is inherited is looked for among the YAML files of the workspace: by its `slug`, then by its `name`, then by the name of its file. A name that ends in `.yaml` or `.yml` is a file beside the template.',
  },
  POL3204: {
    severity: 'error',
    message: 'several templates are called `{name}`: {paths}',
    help: 'write the file of the one that is meant, or give each a slug of its own',
    explanation: 'Which of them is inherited decides which limits hold, so it is not guessed.',
  },
  POL3205: {
    severity: 'error',
    message: 'no parameter or variable is called `{name}`',
    help: 'declare it under `parameters` with a default, or under `variables`',
    explanation:
      'Where a template declares parameters or variables, every `{{.name}}` in its scripts and services is replaced by a value. Text of another program that looks alike can be the value of a variable: values are not looked at again.',
    bad: templateExample({ more: 'variables: { GREETING: hello }\npost_install: "echo {{.GREETNIG}}"' }),
    good: templateExample({ more: 'variables: { GREETING: hello }\npost_install: "echo {{.GREETING}}"' }),
  },
});

/** Values in templates that are of the wrong kind. */
export const templateTypes = entries({
  POL4200: {
    severity: 'error',
    message: '`{value}` is no value of this parameter, which is {expected}',
    help: 'change the default, or the `type` of the parameter',
    explanation: 'The default is what scripts have where a launch gives no other value, so it has to be one.',
    bad: templateExample({ more: 'parameters: { count: { type: int, default: many } }' }),
    good: templateExample({ more: 'parameters: { count: { type: int, default: 2 } }' }),
  },
});
