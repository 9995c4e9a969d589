import type { CST } from 'yaml';
import { report } from '../diagnostics/report.ts';
import { composeBlockMap, composeBlockSequence } from './compose-block.ts';
import { composeFlow } from './compose-flow.ts';
import { composeBlockScalar, composeFlowScalar } from './compose-scalar.ts';
import { type Composition, nestingLimit } from './composition.ts';
import { checkOldSpelling } from './old-spellings.ts';
import { checkEnd, type NodeReader, type Properties, readProperties } from './properties.ts';
import { applyTag } from './tags.ts';
import type { YamlNode } from './tree.ts';

/** Composes one document of the `yaml` package's concrete syntax tree into our tree; findings go to `composition`. */
export function composeDocument(document: CST.Document, composition: Composition): YamlNode | undefined {
  const { value } = document;
  const around = readProperties(
    document.start,
    {
      indicator: 'doc-start',
      flow: false,
      offset: document.offset,
      next: value ?? document.end?.[0],
      parentIndent: 0,
      startsLine: true,
    },
    composition,
  );
  if (around.found !== undefined && !around.newline && (value?.type === 'block-map' || value?.type === 'block-seq')) {
    composition.unexpected(around.found);
  }
  let root: YamlNode | undefined;
  if (value !== undefined) root = composeNode(value, around, true, composition);
  else if (around.tag !== undefined || around.anchor !== undefined)
    root = composeMissing(around.end, around, composition);
  checkEnd(document.end, false, composition);
  return root;
}

/** Composes a node with its tag and anchor. */
function composeNode(token: CST.Token, around: Properties, atRoot: boolean, composition: Composition): YamlNode {
  const { anchor, tag } = around;
  if (token.type === 'alias') {
    checkEnd(token.end, true, composition);
    if (anchor !== undefined) composition.unexpected(anchor);
    else if (tag !== undefined) composition.unexpected(tag);
    if (token.source.length === 1) composition.unexpected(token);
    return composition.alias(token.source.slice(1), token.offset, token.offset + token.source.length);
  }
  if (token.type === 'block-seq' && !around.newlineAfterProperty) {
    // `key: &anchor - item` looks as if the anchor were the first item's (YAML 1.2.2, section 8.2.1).
    const property = anchor ?? tag;
    if (property !== undefined) composition.unexpected(property);
  }
  const read = () => {
    const node = composeContent(token, around, atRoot, composition);
    return tag === undefined ? node : applyTag(node, tag, composition);
  };
  return anchor === undefined ? read() : composition.anchored(anchor.source.slice(1), read);
}

/** A node of which only the tag, the anchor or nothing was written. */
function composeMissing(at: number, around: Properties, composition: Composition): YamlNode {
  composition.size += 1;
  const read = () => {
    const node = composition.missing(at);
    return around.tag === undefined ? node : applyTag(node, around.tag, composition);
  };
  return around.anchor === undefined ? read() : composition.anchored(around.anchor.source.slice(1), read);
}

function composeContent(token: CST.Token, around: Properties, atRoot: boolean, composition: Composition): YamlNode {
  composition.size += 1;
  switch (token.type) {
    case 'scalar': {
      const scalar = composeFlowScalar(token, composition);
      if (around.tag === undefined) checkOldSpelling(scalar, composition);
      return scalar;
    }
    case 'single-quoted-scalar':
    case 'double-quoted-scalar':
      return composeFlowScalar(token, composition);
    case 'block-scalar':
      return composeBlockScalar(token, atRoot, composition);
    case 'block-map':
    case 'block-seq':
    case 'flow-collection':
      return composeCollection(token, composition);
    case 'error':
      if (token.source === '-') {
        if (composition.isFirst(token.offset)) {
          composition.structural = report('POL1021', composition.span(token.offset, token.offset + 1), {});
        }
      } else {
        composition.unexpected(token);
      }
      return composition.missing(around.end);
    default:
      composition.unexpected(token);
      return composition.missing(around.end);
  }
}

function composeCollection(
  token: CST.BlockMap | CST.BlockSequence | CST.FlowCollection,
  composition: Composition,
): YamlNode {
  composition.depth += 1;
  composition.deepest = Math.max(composition.deepest, composition.depth);
  let node: YamlNode;
  if (composition.depth > nestingLimit) {
    if (composition.isFirst(token.offset)) {
      const span = composition.span(token.offset, token.offset + 1);
      composition.structural = report('POL1040', span, { limit: nestingLimit });
    }
    node = composition.missing(token.offset);
  } else if (token.type === 'block-map') node = composeBlockMap(token, reader(composition), composition);
  else if (token.type === 'block-seq') node = composeBlockSequence(token, reader(composition), composition);
  else node = composeFlow(token, reader(composition), composition);
  composition.depth -= 1;
  return node;
}

function reader(composition: Composition): NodeReader {
  return {
    node: (token, around) => composeNode(token, around, false, composition),
    missing: (at, around) => composeMissing(at, around, composition),
  };
}
