import { arrayAt, type Fields, objectAt, optionalArray, optionalObject, ScanProblem } from './json-fields.ts';
import { type Severity, severityOfScore } from './severity.ts';

/** What a scan found. */
export interface Findings {
  /** Of each finding that counts. */
  readonly severities: readonly Severity[];
  /** Findings that somebody has settled: suppressed, resolved, not of this product. */
  readonly settled: number;
}

/**
 * The findings of a log in SARIF 2.1.0 (OASIS, section numbers below). A log of a scan that failed, or that does not have
 * all of its results in it, is none.
 *
 * The severity is that of the property `security-severity`, a score of CVSS that scanners give a rule or a result, and
 * else the level: error is high, warning medium, note low.
 *
 * @throws ScanProblem
 */
export function sarifFindings(log: Fields): Findings {
  if (log.version !== '2.1.0') throw new ScanProblem('its version of SARIF is not 2.1.0');
  const runs = arrayAt(log.runs, 'runs');
  if (runs.length === 0) throw new ScanProblem('it has no run of a scanner');
  for (const file of optionalArray(log.inlineExternalProperties, 'inlineExternalProperties')) {
    if (optionalArray(objectAt(file, 'inlineExternalProperties').results, 'results').length > 0) throw elsewhere();
  }
  const severities: Severity[] = [];
  let settled = 0;
  for (const [index, each] of runs.entries()) {
    const run = objectAt(each, `runs[${index}]`);
    requireWhole(run);
    const components = componentsOf(run);
    for (const [place, value] of arrayAt(run.results, `runs[${index}].results`).entries()) {
      const result = objectAt(value, `runs[${index}].results[${place}]`);
      if (isSettled(result)) settled += 1;
      else if (!isNoFinding(result)) severities.push(severityOf(result, components));
    }
  }
  return { severities, settled };
}

/** 3.14.23: without `results` the scanner did not look, or failed to. 3.20.14, 3.20.21: how its invocations ended. */
function requireWhole(run: Fields): void {
  if (run.results === undefined || run.results === null) throw new ScanProblem('a run of it has no results');
  const files = optionalObject(run.externalPropertyFileReferences, 'externalPropertyFileReferences');
  if (optionalArray(files.results, 'externalPropertyFileReferences.results').length > 0) throw elsewhere();
  for (const each of optionalArray(run.invocations, 'invocations')) {
    const invocation = objectAt(each, 'invocations');
    if (invocation.executionSuccessful === false) throw new ScanProblem('it says that the scan failed');
    const notes = optionalArray(invocation.toolExecutionNotifications, 'toolExecutionNotifications');
    if (notes.some((note) => objectAt(note, 'toolExecutionNotifications').level === 'error')) {
      throw new ScanProblem('it says that the scan met an error, and may have missed something');
    }
  }
}

function elsewhere(): ScanProblem {
  return new ScanProblem('some of its results are in other files');
}

interface Component {
  readonly rules: readonly Fields[];
}

/** The driver, and then the extensions, as `toolComponent.index` counts them from 0 (3.54.4). */
function componentsOf(run: Fields): readonly [driver: Component, ...extensions: Component[]] {
  const tool = objectAt(run.tool, 'tool');
  const component = (value: unknown): Component => {
    const { rules } = objectAt(value, 'tool.driver');
    return { rules: optionalArray(rules, 'rules').map((rule) => objectAt(rule, 'rules')) };
  };
  return [component(tool.driver), ...optionalArray(tool.extensions, 'tool.extensions').map(component)];
}

/** 3.27.23, 3.35.3: every suppression is accepted, as one without a status is. 3.27.24: found by an earlier scan only. */
function isSettled(result: Fields): boolean {
  if (result.baselineState === 'absent') return true;
  const suppressions = optionalArray(result.suppressions, 'suppressions').map((each) => objectAt(each, 'suppressions'));
  return suppressions.length > 0 && suppressions.every(({ status = 'accepted' }) => status === 'accepted');
}

/** 3.27.9: what the result says is that there is no problem. */
function isNoFinding({ kind }: Fields): boolean {
  return kind === 'pass' || kind === 'notApplicable' || kind === 'informational';
}

function severityOf(result: Fields, components: readonly [Component, ...Component[]]): Severity {
  // `open` and `review`: nobody knows yet whether it is a problem.
  if (result.kind !== undefined && result.kind !== 'fail') return 'unknown';
  const rule = ruleOf(result, components);
  for (const { properties } of [result, rule]) {
    const score = severityOfScore(optionalObject(properties, 'properties')['security-severity']);
    // Scanners write 0 for what has no score.
    if (score !== undefined && score !== 'none') return score;
  }
  const configured = optionalObject(rule.defaultConfiguration, 'defaultConfiguration').level;
  const level = result.level ?? configured ?? 'warning';
  return typeof level === 'string' && Object.hasOwn(levels, level) ? (levels[level] ?? 'unknown') : 'unknown';
}

const levels: Readonly<Record<string, Severity>> = { error: 'high', warning: 'medium', note: 'low', none: 'none' };

/** 3.27.5 to 3.27.7: by its index, in the driver or an extension, or by its id. */
function ruleOf(result: Fields, [driver, ...extensions]: readonly [Component, ...Component[]]): Fields {
  const reference = optionalObject(result.rule, 'rule');
  const { index: extension } = optionalObject(reference.toolComponent, 'toolComponent');
  const component = typeof extension === 'number' ? extensions[extension] : driver;
  const index = reference.index ?? result.ruleIndex;
  const id = reference.id ?? result.ruleId;
  const byIndex = typeof index === 'number' && index >= 0 ? component?.rules[index] : undefined;
  return byIndex ?? component?.rules.find((rule) => id !== undefined && rule.id === id) ?? {};
}
