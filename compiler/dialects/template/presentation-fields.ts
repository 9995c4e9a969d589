import { list, mapping, object, optional } from '../../schema/collections.ts';
import { enumeration, flag, number, text } from '../../schema/scalars.ts';
import { anyScalar, line } from './names.ts';

/** What people read and forms show: nothing of it decides a launch or changes an image. */
export const presentation = {
  description: optional(line('a description'), 'What the template is for.', 'notebooks for machine learning'),
  long_description: optional(text('a description'), 'The same at length.', '"…"'),
  complexity: optional(
    enumeration('a complexity', {
      simple: 'ready to use',
      moderate: 'with some options',
      advanced: 'for experienced users',
      complex: 'with full control',
    }),
    'For whom it is.',
    'simple',
  ),
  category: optional(line('a category'), 'Under which title catalogues show it.', 'Machine Learning'),
  domain: optional(line('a domain'), 'The field of research.', 'ml'),
  icon: optional(line('an icon'), 'A sign for it.', '"🐧"'),
  color: optional(
    text('a colour', { source: '#[0-9A-Fa-f]{6}', doc: '`#` and six hexadecimal digits' }),
    'Its colour.',
    '"#e95420"',
  ),
  popular: optional(flag, 'Whether it is shown among the popular ones.', 'true'),
  featured: optional(flag, 'Whether it is shown first.', 'true'),
  connection_type: optional(
    enumeration(
      'a way to connect',
      {
        auto: 'by what the template installs',
        ssh: 'a terminal',
        dcv: 'a remote desktop',
        web: 'web pages',
        both: 'a terminal and a desktop',
        all: 'a terminal, a desktop and web pages',
      },
      { terminal: 'ssh', desktop: 'dcv', browser: 'web' },
    ),
    'How people use an instance.',
    'ssh',
  ),
  estimated_launch_time: optional(
    number({ integer: true, minimum: 0, maximum: 1440 }),
    'The minutes until a launch from the base image can be used.',
    '10',
  ),
  prerequisites: optional(list(line('a prerequisite')), 'What one should know before.', '[basic Python]'),
  learning_resources: optional(list(line('an address')), 'Where to learn it.', '["https://pytorch.org/tutorials/"]'),
  validation_status: optional(
    enumeration('a status', {
      validated: 'tested and found good',
      testing: 'being tested',
      experimental: 'to be used with caution',
      failed: 'known not to work',
    }),
    'How well it has been tested.',
    'validated',
  ),
  maintainer: optional(line('a maintainer'), 'Who looks after it.', 'research computing'),
  author: optional(line('an author'), 'Who wrote it.', 'research computing'),
  last_updated: optional(line('a time'), 'When it was changed.', '"2025-10-04T23:30:00Z"'),
};

/** How a catalogue of templates lists it, as the catalogue itself writes it. */
export const marketplace = object({
  registry: optional(line('a registry'), 'Where it is listed.', 'community'),
  registry_type: optional(line('a type'), 'What kind of registry that is.', 'institutional'),
  publisher: optional(line('a publisher'), 'Who published it.', 'research computing'),
  published_at: optional(line('a time'), 'When.', '"2025-10-04T23:30:00Z"'),
  license: optional(line('a licence'), 'Under which licence.', 'MIT'),
  source_url: optional(line('an address'), 'Where its source is.', '"https://example.org/templates"'),
  documentation_url: optional(line('an address'), 'Where its documentation is.', '"https://example.org/docs"'),
  keywords: optional(list(line('a keyword')), 'By which words it is found.', '[notebook]'),
  categories: optional(list(line('a category')), 'Under which titles it is listed.', '[Teaching]'),
  verified: optional(flag, 'Whether the catalogue vouches for it. A signature counts, this does not.', 'false'),
  downloads: optional(number({ integer: true, minimum: 0 }), 'How often it was fetched.', '12'),
  rating: optional(number({ integer: false, minimum: 0, maximum: 5 }), 'What people think of it, up to 5.', '4.5'),
  rating_count: optional(number({ integer: true, minimum: 0 }), 'How many said so.', '10'),
});

/** A user of the institution with a home of its own on a shared file system. */
export const researchUser = object({
  auto_create: optional(flag, 'Whether the user is made at a launch.', 'true'),
  require_efs: optional(flag, 'Whether the shared file system has to be there.', 'true'),
  efs_mount_point: optional(line('a path'), 'Where it is mounted.', '/efs'),
  efs_home_subdirectory: optional(line('a folder'), 'The folder of homes on it.', 'research'),
  install_ssh_keys: optional(flag, 'Whether the keys of the user are put in place.', 'true'),
  default_shell: optional(line('a path'), 'The shell.', '/bin/bash'),
  default_groups: optional(list(line('a group')), 'The groups.', '[research]'),
  default_environment: optional(
    mapping(line('a variable'), anyScalar),
    'Variables of the environment.',
    '{ EDITOR: vim }',
  ),
  user_integration: optional(
    object({
      strategy: optional(
        line('a strategy'),
        'How the users of the machine and of the institution go together.',
        'dual_user',
      ),
      primary_user: optional(line('a user'), 'Which of the two is meant first.', 'research'),
      collaboration_enabled: optional(flag, 'Whether they share files.', 'true'),
      shared_workspace: optional(line('a path'), 'Where.', '/efs/workspace'),
      team_permissions: optional(line('permissions'), 'With which permissions.', 'group-write'),
    }),
    'How it goes together with the users of the machine.',
    '{ strategy: dual_user }',
  ),
});
