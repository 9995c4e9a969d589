import type { Plan } from './plan-tree.ts';

/** The statements around and within a loop of generated JavaScript. */
interface LoopBody {
  readonly start: string;
  readonly step: (value: string, range: string, key: string) => readonly string[];
  readonly end: string;
}

/** @param result the variable that has the value behind the loop, undefined until one is known */
export function bodyOf({ form }: Plan & { op: 'loop' }, result: string): LoopBody {
  switch (form) {
    case 'all':
    case 'exists': {
      const decisive = form === 'exists';
      const operator = decisive ? '||' : '&&';
      return {
        start: `${result} = ${!decisive};`,
        step: (value, range) => [
          `if (${value} === ${decisive}) { ${result} = ${decisive}; break; }`,
          `if (${value} !== ${!decisive}) ${result} = failedOperand(${result}, ${value}, '${operator}', ${range});`,
        ],
        end: '',
      };
    }
    case 'existsOne':
      return {
        start: `let n${result} = 0;`,
        step: (value, range) => [
          `if (${value} === true) n${result}++;`,
          `else if (${value} !== false) { ${result} = failedCondition(${value}, ${range}); break; }`,
        ],
        end: `if (${result} === undefined) ${result} = n${result} === 1;`,
      };
    case 'list':
      return {
        start: `const n${result} = [];`,
        step: (value) => [
          `if (${value} instanceof CelError) { ${result} = ${value}; break; }`,
          `n${result}.push(${value});`,
        ],
        end: `if (${result} === undefined) ${result} = n${result};`,
      };
    case 'map':
    case 'entries':
      return {
        start: `const n${result} = new MapBuilder();`,
        step: (value, range, key) => [
          `if (${value} instanceof CelError) { ${result} = ${value}; break; }`,
          `const e${result} = ${
            form === 'map' ? `n${result}.set(${key}, ${value})` : `addEntries(n${result}, ${value}, ${range})`
          };`,
          `if (e${result} !== undefined) { ${result} = e${result}; break; }`,
        ],
        end: `if (${result} === undefined) ${result} = n${result}.build();`,
      };
  }
}
