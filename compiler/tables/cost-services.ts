import { nearest } from '../diagnostics/suggest.ts';

/** A family of services that people call by one name, and that Cost Explorer bills under several. */
export interface CostServiceFamily {
  /** What the family is called. */
  readonly name: string;
  /** The values of Cost Explorer's dimension SERVICE, exactly. */
  readonly costNames: readonly string[];
  /** Other names that people write. */
  readonly aliases: readonly string[];
}

/** `family | Cost Explorer names by ; | aliases by ;` */
const table = `
Amazon Elastic Compute Cloud|Amazon Elastic Compute Cloud - Compute;EC2 - Other|Amazon EC2;EC2
Amazon Simple Storage Service|Amazon Simple Storage Service|Amazon S3;S3
Amazon Relational Database Service|Amazon Relational Database Service|Amazon RDS;RDS
AWS Lambda|AWS Lambda|Lambda
`;

let families: readonly CostServiceFamily[] | undefined;
let byWritten: ReadonlyMap<string, CostServiceFamily> | undefined;

/** All families, in the order of the table. */
export function costServiceFamilies(): readonly CostServiceFamily[] {
  families ??= table
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', costNames = '', aliases = ''] = line.split('|');
      return { name, costNames: costNames.split(';'), aliases: aliases === '' ? [] : aliases.split(';') };
    });
  return families;
}

function index(): ReadonlyMap<string, CostServiceFamily> {
  if (byWritten === undefined) {
    const found = new Map<string, CostServiceFamily>();
    for (const family of costServiceFamilies()) {
      for (const written of [family.name, ...family.costNames, ...family.aliases]) {
        found.set(written.toLowerCase(), family);
      }
    }
    byWritten = found;
  }
  return byWritten;
}

/** All Cost Explorer names of the family that a written name (any case) belongs to, undefined for an unknown name. */
export function costServiceNames(written: string): readonly string[] | undefined {
  return index().get(written.trim().toLowerCase())?.costNames;
}

/** The name that a misspelt one probably stands for. */
export function nearestCostService(written: string): string | undefined {
  return nearest(
    written,
    costServiceFamilies().flatMap(({ name, costNames, aliases }) => [name, ...costNames, ...aliases]),
  );
}
