import { report } from '../../../diagnostics/report.ts';
import { findBase } from '../../../tables/base-images.ts';
import { instanceType } from '../../../tables/instance-types.ts';
import { all, type Lowering, last } from './lowering.ts';

/** What of the set-up of a machine does not go together. */
export function checkSetup(lowering: Lowering): void {
  const { own, diagnostics } = lowering;
  const { package_manager: manager, research_user: user, ami_config: config, packages } = own.document;
  const base = last(lowering, (document) => document.base);
  const family = findBase(base?.value ?? '')?.family;
  if (manager !== undefined && base !== undefined && family !== undefined) {
    const wrong = manager.value === (family === 'apt' ? 'dnf' : 'apt');
    const related = [{ span: base.span, label: `has \`${family}\`` }];
    if (wrong) diagnostics.push(report('POL5325', manager.span, { manager: manager.value, family }, { related }));
  }
  const kinds = ['system', 'conda', 'pip', 'spack'] as const;
  const written = kinds.some((kind) => all(lowering, ({ packages: of }) => of?.value[kind]?.value).length > 0);
  if (manager?.value === 'ami' && written) {
    const related = packages?.key === undefined ? [] : [{ span: packages.key, label: 'what would be installed' }];
    diagnostics.push(report('POL5326', manager.span, {}, { related }));
  }
  if (user !== undefined) diagnostics.push(report('POL5327', user.key ?? user.span, {}));
  for (const { key, value } of config?.value.instance_types?.value ?? []) {
    const architecture = instanceType(value.value)?.architecture;
    if (architecture === undefined || architecture === key.value) continue;
    const related = [{ span: key.span, label: 'the architecture that is meant' }];
    diagnostics.push(report('POL5328', value.span, { type: value.value, architecture }, { related }));
  }
  for (const text of [own.document.post_install, own.document.user_data, config?.value.user_data_script]) {
    if (text === undefined || !/^#(cloud-config|include|cloud-boothook)/.test(text.value)) continue;
    diagnostics.push(report('POL5329', text.span, { kind: text.value.split('\n')[0]!.trim() }));
  }
}
