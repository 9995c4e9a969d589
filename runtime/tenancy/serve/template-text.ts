import { printYaml, type YamlValue } from '../../../compiler/backends/kuadrant/print-yaml.ts';
import { isMap } from '../json.ts';
import type { Json, JsonMap } from '../port.ts';
import { documentsIn } from '../yaml-documents.ts';

/** The settings in a template of the ConfigMap; undefined where its text is no map. */
export function templateSettings(text: string): JsonMap | undefined {
  const documents = documentsIn('template', text);
  const [settings] = documents;
  return documents.length === 1 && isMap(settings) ? settings : undefined;
}

/** The text of a template; undefined where a value is null, which no setting has. */
export function templateText(settings: JsonMap): string | undefined {
  const value = withoutNull(settings);
  return value === undefined ? undefined : printYaml(value);
}

function withoutNull(value: Json | undefined): YamlValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object') return value;
  if (!isMap(value)) {
    const items = value.map(withoutNull);
    return items.every((each) => each !== undefined) ? items : undefined;
  }
  const entries = Object.entries(value).map(([key, each]) => [key, withoutNull(each)] as const);
  if (entries.some(([, each]) => each === undefined)) return undefined;
  return Object.fromEntries(entries.flatMap(([key, each]) => (each === undefined ? [] : [[key, each]])));
}
