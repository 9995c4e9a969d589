import type { TokenName } from './tokens.ts';

/** Whether a value can end with the token. */
export function endsValue(name: TokenName | undefined): boolean {
  switch (name) {
    case 'String':
    case 'Bytes':
    case 'UnclosedString':
    case 'Double':
    case 'Uint':
    case 'Int':
    case 'BadNumber':
    case 'True':
    case 'False':
    case 'Null':
    case 'Reserved':
    case 'Identifier':
    case 'Escaped':
    case 'BadEscaped':
    case 'Close':
    case 'CloseList':
    case 'CloseMap':
      return true;
    default:
      return false;
  }
}

/** Whether a value can begin with the token. */
export function beginsValue(name: TokenName): boolean {
  switch (name) {
    case 'Not':
    case 'Minus':
    case 'Dot':
    case 'Open':
    case 'OpenList':
    case 'OpenMap':
      return true;
    case 'Close':
    case 'CloseList':
    case 'CloseMap':
      return false;
    default:
      return endsValue(name);
  }
}
