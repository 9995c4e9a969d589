import { type ParameterInformation, SignatureHelpRequest } from 'vscode-languageserver';
import type * as Signatures from '../../compiler/editor/signature.ts';
import type { Client } from '../client.ts';
import { type Feature, onPosition } from './feature.ts';

/** Loaded with the first question. */
const load = (): typeof Signatures => require('../../compiler/editor/signature.ts');

/** The parameters of the function that is being called, in CEL. */
export const signatureHelp: Feature = {
  capabilities: () => ({ signatureHelpProvider: { triggerCharacters: ['(', ','], retriggerCharacters: [')'] } }),
  register(connection, session) {
    onPosition(connection, session, SignatureHelpRequest.type, ({ document, offset, session: { client } }) => {
      const found = load().signaturesAt(document, offset);
      if (found === undefined) return null;
      const { signatures, active, parameter } = found;
      return {
        signatures: signatures.map((each) => ({
          label: each.label,
          parameters: parametersOf(each, client),
          ...(each.doc === undefined ? {} : { documentation: each.doc }),
        })),
        activeSignature: active,
        activeParameter: parameter,
      };
    });
  },
};

/** Where the client cannot mark a part of the label, it looks for the text. */
function parametersOf({ label, parameters }: Signatures.Signature, { capabilities }: Client): ParameterInformation[] {
  const { parameterInformation } = capabilities.textDocument?.signatureHelp?.signatureInformation ?? {};
  return parameters.map(([start, end]) => ({
    label: parameterInformation?.labelOffsetSupport === true ? [start, end] : label.slice(start, end),
  }));
}
