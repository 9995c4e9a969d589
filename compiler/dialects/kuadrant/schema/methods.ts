import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { shorten } from '../../../schema/scalars.ts';
import type { KuadrantPolicy } from '../policy.ts';
import { entriesOf, valueAt } from '../resource.ts';

/** Of which keys each rule of an AuthPolicy has exactly one, by the path of the rules. Source: AuthConfig v1beta3. */
const methods: readonly (readonly [path: readonly string[], keys: readonly string[]])[] = [
  [['authentication'], ['apiKey', 'jwt', 'oauth2Introspection', 'kubernetesTokenReview', 'x509', 'plain', 'anonymous']],
  [['metadata'], ['http', 'userInfo', 'uma']],
  [['authorization'], ['patternMatching', 'opa', 'kubernetesSubjectAccessReview', 'spicedb']],
  [
    ['response', 'success', 'headers'],
    ['plain', 'json', 'wristband'],
  ],
  [
    ['response', 'success', 'filters'],
    ['plain', 'json', 'wristband'],
  ],
];

/** Reports rules of an AuthPolicy with no method or several. */
export function checkMethods({ kind, body }: KuadrantPolicy, diagnostics: Diagnostic[]): void {
  if (kind !== 'AuthPolicy') return;
  for (const [path, keys] of methods) {
    for (const { key, value } of entriesOf(valueAt(body, 'rules', ...path))) {
      if (value.kind !== 'map') continue;
      const found = value.entries.filter((entry) => keys.includes(entry.key.text)).map((entry) => entry.key);
      if (found.length === 1) continue;
      const [first, second] = found;
      diagnostics.push(
        report(
          'POL2081',
          second?.span ?? key.span,
          {
            name: shorten(key.text),
            found:
              first === undefined || second === undefined
                ? 'has no method'
                : `has two methods: \`${first.text}\` and \`${second.text}\``,
            methods: keys.map((each) => `\`${each}\``).join(', '),
          },
          first === undefined ? {} : { related: [{ span: first.span, label: 'the first one' }] },
        ),
      );
    }
  }
}
