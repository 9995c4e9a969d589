import type { BuildImages } from '../../ir/obligation.ts';
import { parseYamlStream } from '../../source/parse-yaml.ts';
import { sourceText } from '../../source/text.ts';
import { fields, items, only, readText } from '../guardrail/read-predicate.ts';
import { plainOf } from '../kuadrant/plain.ts';
import { parseStrictJson } from '../strict-json.ts';
import { differ } from './difference.ts';

/** Reads the component's document again: one step runs the script, and AWSTOE finds no reference of its own in it. */
export function compareComponent({ script }: BuildImages, text: string): void {
  if (text.includes('{{')) differ('a reference of AWSTOE');
  const [document, ...others] = parseYamlStream(sourceText('component.yaml', text)).documents;
  if (document?.root === undefined || others.length > 0 || document.diagnostics.length > 0) differ('no YAML');
  const component = fields(plainOf(document.root));
  only(component, ['name', 'schemaVersion', 'phases']);
  readText(component.name);
  const [phase, ...phases] = items(component.phases);
  const [step, ...steps] = items(fields(phase).steps);
  only(fields(phase), ['name', 'steps']);
  only(fields(step), ['name', 'action', 'inputs']);
  const { commands, ...inputs } = fields(fields(step).inputs);
  only(inputs, []);
  const [command, ...more] = items(commands);
  if (phases.length + steps.length + more.length > 0) differ('more than one step');
  if (fields(phase).name !== 'build' || fields(step).action !== 'ExecuteBash') differ('another step');
  if (readText(command) !== script && decoded(readText(command)) !== script) differ('another script');
}

function decoded(command: string): string | undefined {
  const encoded = /^bash -c "\$\(echo ([A-Za-z0-9+/]+={0,2}) \| base64 --decode\)"\n$/.exec(command)?.[1];
  if (encoded === undefined) return undefined;
  return new TextDecoder().decode(Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0)));
}

/**
 * Reads the recipes of one region again: one for each architecture, of the component and the base, encrypted as the policy
 * says, with the tags of the image.
 *
 * @param planned by architecture: the base as the plan has it, and the text of the file of tags
 */
export function compareRecipes(
  images: BuildImages,
  component: string,
  planned: ReadonlyMap<string, { readonly base: unknown; readonly tags: string }>,
  text: string,
): void {
  const template = fields(parseStrictJson(text));
  only(template, ['AWSTemplateFormatVersion', 'Parameters', 'Resources']);
  const parameters = fields(template.Parameters);
  const left = new Set(planned.keys());
  if (template.AWSTemplateFormatVersion !== '2010-09-09') differ('another format');
  if (!Object.hasOwn(fields(template.Resources), 'Component')) differ('no component');
  for (const [id, resource] of Object.entries(fields(template.Resources))) {
    const { Type: type, Properties: properties, ...others } = fields(resource);
    only(others, []);
    const node = fields(properties);
    if (type === 'AWS::ImageBuilder::Component') {
      only(node, ['Name', 'Platform', 'Version', 'Data']);
      if (id !== 'Component' || node.Data !== component || node.Platform !== 'Linux') differ('another component');
    } else if (type === 'AWS::ImageBuilder::ImageRecipe') {
      const architecture = [...left].find((each) => readText(node.Name).endsWith(`-${each}`));
      if (architecture === undefined || !left.delete(architecture)) differ(`the recipe ${id}`);
      compareRecipe(images, parameters, planned.get(architecture)!, node);
    } else differ(`${id} is a ${String(type)}`);
    refer(node.Version, 'Version', parameters);
  }
  if (left.size > 0) differ(`no recipe for ${[...left].join(' and ')}`);
}

type Fields = Readonly<Record<string, unknown>>;

function compareRecipe(
  { encrypted, key }: BuildImages,
  parameters: Fields,
  planned: { readonly base: unknown; readonly tags: string },
  recipe: Fields,
): void {
  only(recipe, ['Name', 'Version', 'ParentImage', 'Components', 'BlockDeviceMappings', 'AmiTags']);
  const base = fields(planned.base);
  if (base.kind === 'parameter' && recipe.ParentImage !== `ssm:${String(base.name)}`) differ('another parent image');
  if (base.kind === 'image' && recipe.ParentImage !== base.id) differ('another parent image');
  if (base.kind === 'search') {
    const parameter = fields(parameters[readText(fields(recipe.ParentImage).Ref)]);
    const wanted = `The newest image of ${String(base.owner)} whose name is like ${String(base.name)}`;
    if (parameter.Type !== 'AWS::EC2::Image::Id' || parameter.Description !== wanted) differ('another parent image');
  }
  const [component, ...components] = items(recipe.Components);
  const { ComponentArn: arn, ...others } = fields(component);
  only(others, []);
  if (components.length > 0 || fields(arn).Ref !== 'Component') differ('other components');
  compareTagsOf(recipe, planned.tags);
  const devices = items(recipe.BlockDeviceMappings ?? []);
  if (devices.length !== (encrypted ? 1 : 0)) differ('another encryption');
  for (const device of devices) {
    const { DeviceName: name, Ebs: ebs, ...rest } = fields(device);
    only(rest, []);
    only(fields(ebs), ['Encrypted', 'KmsKeyId', 'DeleteOnTermination']);
    refer(name, 'RootDevice', parameters);
    if (fields(ebs).Encrypted !== true || fields(ebs).KmsKeyId !== key) differ('another encryption');
    if (fields(ebs).DeleteOnTermination !== true) differ('a volume that outlives its instance');
  }
}

function compareTagsOf(recipe: Fields, tags: string): void {
  const said = fields(recipe.AmiTags);
  const wanted = fields(parseStrictJson(tags));
  if (Object.keys(said).length !== Object.keys(wanted).length) differ('other tags in the recipe');
  for (const [tag, value] of Object.entries(wanted)) if (said[tag] !== value) differ(`the tag ${tag} of a recipe`);
}

function refer(value: unknown, parameter: string, parameters: Fields): void {
  if (fields(value).Ref !== parameter || fields(parameters[parameter]).Type !== 'String') {
    differ(`not the parameter ${parameter}`);
  }
}
