import { list, optional } from '../../schema/collections.ts';
import { number, text } from '../../schema/scalars.ts';
import type { Field } from '../../schema/shape.ts';
import { region } from '../aws-region.ts';
import { dataRule, line } from '../template/names.ts';
import { instanceTypePattern, launchedName } from './names.ts';

/** US dollars. */
const dollars = number({ integer: false, minimum: 0, maximum: 1e9 });

const templates = list(launchedName);
const types = list(instanceTypePattern);
const regions = list(region);

const tagKeys = list(
  text('a tag key', {
    source: '(?![aA][wW][sS]:)[^\\u0000-\\u001f]{1,128}',
    doc: '1 to 128 characters that do not begin with `aws:`',
  }),
);

/** Another name for a field. Where both are written, both hold. */
function same<T>(shape: Field<T>['shape'], as: string, example: string): Field<T, false> {
  return optional(shape, `The same as \`${as}\`. Where both are written, both hold.`, example);
}

/** What people may spend. */
export const budgetFields = {
  max_hourly_cost: optional(
    dollars,
    'The most that one instance may cost, in US dollars an hour, itself included. Without a known price nothing is launched.',
    '0.15',
  ),
  max_hourly_budget: optional(
    dollars,
    'The most that all running instances together may cost, in US dollars an hour.',
    '2.50',
  ),
  max_daily_budget: optional(dollars, 'The most that may be spent in a day (UTC), in US dollars.', '20'),
  max_monthly_budget: optional(dollars, 'The most that may be spent in a month (UTC), in US dollars.', '300'),
};

/** What an institution, a profile and an invitation can all limit. */
export const limitFields = {
  allowed_templates: optional(
    templates,
    'The templates that may be launched, by the name that is launched or that of the source template; `*` stands for any characters. Absent: any.',
    '[python-basic, python-ml]',
  ),
  template_whitelist: same(templates, 'allowed_templates', '[python-basic, python-ml]'),
  denied_templates: optional(templates, 'Templates that may not be launched, whatever allows them.', '[crypto-*]'),
  template_blacklist: same(templates, 'denied_templates', '[crypto-*]'),
  allowed_images: optional(
    templates,
    'The images that may be launched, by id or name; with `allowed_templates`, what one of the two lists names.',
    '[chem-analysis-v2.1]',
  ),
  image_whitelist: same(templates, 'allowed_images', '[chem-analysis-v2.1]'),
  ami_whitelist: same(templates, 'allowed_images', '[chem-analysis-v2.1]'),
  denied_images: optional(templates, 'Images that may not be launched, by id or name.', '[ami-0abc123def456789a]'),
  allowed_instance_types: optional(
    types,
    'The instance types that may be launched; `*` stands for any characters. Absent: any.',
    '[t3.medium, "m5.*"]',
  ),
  max_instance_types: same(types, 'allowed_instance_types', '[t3.medium]'),
  denied_instance_types: optional(types, 'Instance types that may not be launched, whatever allows them.', '["p4d.*"]'),
  allowed_regions: optional(regions, 'The regions in which may be launched. Absent: any.', '[us-west-2]'),
  forbidden_regions: optional(regions, 'The regions in which nothing is launched, whatever allows it.', '[us-east-1]'),
  denied_regions: same(regions, 'forbidden_regions', '[us-east-1]'),
  ...budgetFields,
  required_tags: optional(
    tagKeys,
    'The keys of the tags that a launch has to ask for, each with a value that is not empty.',
    '[Project]',
  ),
  required_frameworks: optional(
    list(line('a compliance framework')),
    'The compliance frameworks that a template has to be made for, every one, by the names that templates use.',
    '[FERPA]',
  ),
  data_handling_rules: optional(
    list(dataRule),
    'The rules of handling data that a template has to promise, and that hold for its instances.',
    '[no_phi, encrypted_storage_required]',
  ),
};
