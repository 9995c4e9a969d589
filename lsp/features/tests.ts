import { testsOf } from '../../compiler/editor/tests.ts';
import { rangeOf } from '../positions.ts';
import { type TestsFound, type TestsParameters, testsRequest } from '../requests.ts';
import { pathOf } from '../uris.ts';
import { type Feature, guarded } from './feature.ts';

/** The tests of a policy, open or not. */
export const tests: Feature = {
  capabilities: () => ({}),
  register(connection, session) {
    connection.onRequest(testsRequest, ({ textDocument }: TestsParameters) =>
      guarded<TestsFound | null>(connection, testsRequest, null, () => {
        const document = session().workspace.document(pathOf(textDocument.uri));
        if (document?.role !== 'policy') return null;
        const found = testsOf(document);
        return { tests: found.map(({ name, span }) => ({ name, range: rangeOf(document.source, span) })) };
      }),
    );
  },
};
