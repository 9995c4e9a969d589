import type { BinaryOperator } from './syntax-tree.ts';
import type { TokenName } from './tokens.ts';

/** How tightly a binary operator binds, from 1; all associate to the left. A conditional binds more loosely. */
export function precedenceOf(operator: BinaryOperator): number {
  switch (operator) {
    case '||':
      return 1;
    case '&&':
      return 2;
    case '+':
    case '-':
      return 4;
    case '*':
    case '/':
    case '%':
      return 5;
    default:
      return 3;
  }
}

/** The operator of a token in well-formed text. */
export function binaryOperator(name: TokenName): BinaryOperator | undefined {
  switch (name) {
    case 'Or':
      return '||';
    case 'And':
      return '&&';
    case 'Equal':
      return '==';
    case 'NotEqual':
      return '!=';
    case 'Less':
      return '<';
    case 'LessOrEqual':
      return '<=';
    case 'Greater':
      return '>';
    case 'GreaterOrEqual':
      return '>=';
    case 'In':
      return 'in';
    case 'Plus':
      return '+';
    case 'Minus':
      return '-';
    case 'Times':
      return '*';
    case 'Divide':
      return '/';
    case 'Modulo':
      return '%';
    default:
      return undefined;
  }
}
