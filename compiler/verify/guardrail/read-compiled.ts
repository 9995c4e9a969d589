import type {
  CompiledGuardrail,
  CompiledResponse,
  NamedDocument,
  PolicyPlace,
} from '../../backends/guardrail/format.ts';
import { NotStrictJson, parseStrictJson } from '../strict-json.ts';
import { fields, GuardrailDifference, items, only, readPredicate, readText } from './read-predicate.ts';

/** Reads `policy.json`, for the runtime too; throws GuardrailDifference for what is not of the format. */
export function readCompiled(text: string): CompiledGuardrail {
  const file = fields(parse(text));
  only(file, ['format', 'policy', 'mode', 'ttlMinutes', 'maxEventAgeMinutes', 'conditions', 'response']);
  if (file.format !== 'polc-guardrail-1') throw new GuardrailDifference(`the format ${String(file.format)}`);
  const mode = modes.find((each) => each === file.mode);
  if (mode === undefined) throw new GuardrailDifference(`the mode ${String(file.mode)}`);
  return {
    format: file.format,
    policy: readText(file.policy),
    mode,
    ttlMinutes: readCount(file.ttlMinutes),
    maxEventAgeMinutes: readCount(file.maxEventAgeMinutes),
    conditions: items(file.conditions).map((value) => {
      const condition = fields(value);
      only(condition, ['rule', 'topic', 'at', 'passes']);
      return {
        rule: readText(condition.rule),
        topic: readText(condition.topic),
        at: readPlace(condition.at),
        passes: readPredicate(condition.passes),
      };
    }),
    response: readResponse(file.response),
  };
}

const modes = ['dry-run', 'manual', 'auto'] as const;

function parse(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (problem) {
    throw new GuardrailDifference(problem instanceof NotStrictJson ? problem.message : 'not JSON');
  }
}

function readPlace(value: unknown): PolicyPlace {
  const place = fields(value);
  only(place, ['file', 'line', 'column', 'start', 'end']);
  return {
    file: readText(place.file),
    line: readCount(place.line),
    column: readCount(place.column),
    start: readCount(place.start),
    end: readCount(place.end),
  };
}

function readResponse(value: unknown): CompiledResponse {
  const response = fields(value);
  only(response, ['denied', 'documents', 'actions', 'boundaries', 'topics', 'notify']);
  const { notify } = response;
  return {
    denied: items(response.denied).map(readText),
    documents: items(response.documents).map(readDocument),
    actions: items(response.actions).map(readText),
    boundaries: items(response.boundaries).map((each) => {
      const boundary = fields(each);
      only(boundary, ['principal', 'boundary']);
      return { principal: readText(boundary.principal), boundary: readText(boundary.boundary) };
    }),
    topics: items(response.topics).map(readText),
    ...(notify === undefined ? {} : { notify: readNotify(notify) }),
  };
}

function readDocument(value: unknown): NamedDocument {
  const document = fields(value);
  only(document, ['name', 'document']);
  return { name: readText(document.name), document: readText(document.document) };
}

function readNotify(value: unknown): NonNullable<CompiledResponse['notify']> {
  const notify = fields(value);
  only(notify, ['parameter', 'channel', 'mentions']);
  return {
    parameter: readText(notify.parameter),
    ...(notify.channel === undefined ? {} : { channel: readText(notify.channel) }),
    mentions: items(notify.mentions).map(readText),
  };
}

function readCount(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new GuardrailDifference(`no whole number: ${JSON.stringify(value)}`);
  }
  return value;
}
