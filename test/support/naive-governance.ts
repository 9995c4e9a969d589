/** Decides launches straight from governance documents, as plain objects, by what the seeds say of their keys. */

type Document = Readonly<Record<string, unknown>>;

/** One launch with everything that may be asked of it; undefined is not known. */
export interface NaiveLaunch {
  readonly template: string;
  readonly launched: string;
  readonly source: string;
  readonly signature: string;
  readonly authority?: string | undefined;
  readonly owner: string;
  readonly approved: boolean;
  readonly lifecycle: string;
  readonly instanceType: string;
  readonly region: string;
  readonly encrypted: boolean;
  readonly hourlyCost?: number | undefined;
  readonly hourlySpend: number;
  readonly dailySpend: number;
  readonly monthlySpend: number;
  readonly classification?: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly frameworks: readonly string[];
  readonly dataRules: readonly string[];
  readonly imageAge: number;
  readonly baseOutdated: boolean;
  readonly scan: string;
  readonly invitation: string;
}

const ranks = ['public', 'internal', 'confidential', 'restricted'];

export interface NaiveParts {
  readonly institution?: Document | undefined;
  readonly profile?: Document | undefined;
  readonly invitation?: Document | undefined;
}

export function naivelyAllowed({ institution, profile, invitation }: NaiveParts, launch: NaiveLaunch): boolean {
  const parts = [institution, profile, invitation].filter((part) => part !== undefined);
  if (!parts.every((part) => keepsLimits(part, launch))) return false;
  if (invitation !== undefined && launch.invitation !== 'valid') return false;
  const cleared = clearance(profile, invitation);
  if (cleared !== undefined && !(launch.classification !== undefined && launch.classification <= cleared)) return false;
  return institution === undefined || allowedByInstitution(institution, cleared ?? 0, launch);
}

function allowedByInstitution(institution: Document, cleared: number, launch: NaiveLaunch): boolean {
  const sources = strings(institution.allowed_sources);
  if (sources !== undefined && !sources.includes(launch.source)) return false;
  const { approval_required: approval } = institution;
  const needsApproval = approval === true || (strings(approval) ?? []).includes(launch.source);
  if (needsApproval && !launch.approved) return false;
  const signed = institution.required_signature === true || institution.signature_required === true;
  if (launch.signature === 'invalid' || (signed && launch.signature !== 'valid')) return false;
  const authorities = strings(institution.trusted_authorities);
  if (authorities !== undefined && launch.signature === 'valid' && !authorities.includes(launch.authority ?? '')) {
    return false;
  }
  if (launch.classification === undefined || launch.classification > cleared) return false;
  const { security_classification: highest } = institution;
  if (typeof highest === 'string' && launch.classification > ranks.indexOf(highest)) return false;
  if (!keepsBudgets(asDocument(institution.budget_limits), launch)) return false;
  const lifecycle = asDocument(institution.template_lifecycle);
  if (launch.lifecycle === 'retired' || named(strings(lifecycle.retired) ?? [], launch)) return false;
  if (lifecycle.refuse_deprecated === true) {
    if (launch.lifecycle === 'deprecated' || named(strings(lifecycle.deprecated) ?? [], launch)) return false;
  }
  const images = asDocument(institution.images);
  if (!(strings(images.owners) ?? [launch.owner]).includes(launch.owner)) return false;
  if (typeof images.max_age_days === 'number' && launch.imageAge > images.max_age_days) return false;
  if (images.newest_base === true && launch.baseOutdated) return false;
  return images.passed_scan !== true || launch.scan === 'passed';
}

function keepsLimits(part: Document, launch: NaiveLaunch): boolean {
  const lists = (...keys: readonly string[]) =>
    keys.map((key) => strings(part[key])).filter((list) => list !== undefined);
  const templates = lists('allowed_templates', 'template_whitelist');
  const images = lists('allowed_images', 'image_whitelist', 'ami_whitelist');
  const onAll = (of: readonly (readonly string[])[]) => of.length > 0 && of.every((list) => named(list, launch));
  if (templates.length + images.length > 0 && !onAll(templates) && !onAll(images)) return false;
  if (lists('denied_templates', 'template_blacklist', 'denied_images').some((list) => named(list, launch)))
    return false;
  const type = (list: readonly string[]) => matches(list, launch.instanceType);
  if (!lists('allowed_instance_types', 'max_instance_types').every(type)) return false;
  if (lists('denied_instance_types').some(type)) return false;
  if (!lists('allowed_regions').every((list) => list.includes(launch.region))) return false;
  if (lists('forbidden_regions', 'denied_regions').some((list) => list.includes(launch.region))) return false;
  if (!keepsBudgets(part, launch)) return false;
  if (!lists('required_tags').every((list) => list.every((tag) => (launch.tags[tag] ?? '') !== ''))) return false;
  const frameworks = lists('required_frameworks', 'compliance_frameworks', 'compliance_required').flat();
  if (!frameworks.every((framework) => launch.frameworks.includes(framework))) return false;
  const rules = lists('data_handling_rules').flat();
  return rules.every((rule) =>
    rule === 'encrypted_storage_required' ? launch.encrypted : launch.dataRules.includes(rule),
  );
}

function keepsBudgets(part: Document, { hourlyCost, hourlySpend, dailySpend, monthlySpend }: NaiveLaunch): boolean {
  const under = (key: string, amount: number | undefined) => {
    const limit = part[key];
    return typeof limit !== 'number' || (amount !== undefined && amount <= limit);
  };
  return (
    under('max_hourly_cost', hourlyCost) &&
    under('max_hourly_budget', hourlySpend) &&
    under('max_daily_budget', dailySpend) &&
    under('max_monthly_budget', monthlySpend)
  );
}

function clearance(...parts: readonly (Document | undefined)[]): number | undefined {
  const written = parts.flatMap((part) =>
    ['clearance', 'security_clearance', 'compliance_level'].flatMap((key) => {
      const value = part?.[key];
      return typeof value === 'string' ? [ranks.indexOf(value)] : [];
    }),
  );
  return written.length === 0 ? undefined : Math.min(...written);
}

function named(list: readonly string[], { template, launched }: NaiveLaunch): boolean {
  return matches(list, template) || matches(list, launched);
}

function matches(list: readonly string[], value: string): boolean {
  return list.some((pattern) => {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${source}$`).test(value);
  });
}

function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined;
}

function asDocument(value: unknown): Document {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
