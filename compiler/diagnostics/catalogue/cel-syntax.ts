import { entries } from '../entry.ts';
import { conditionExample } from './kuadrant-example.ts';

/** The syntax of CEL expressions. */
export const celSyntax = entries({
  POL1110: {
    severity: 'error',
    message: '`{text}` begins nothing in CEL',
    help: 'delete it, or write what was meant in plain characters',
    explanation:
      'Outside strings CEL has letters, digits and a few marks. A quote or a minus that a word processor has made curly or long is another character.',
    bad: conditionExample('request.path == “/v1”'),
    good: conditionExample('request.path == "/v1"'),
  },
  POL1111: {
    severity: 'error',
    message: 'expected {expected}, found {found}',
    help: 'write what is missing, or delete what is too much',
    explanation:
      'The expression is no CEL at this place. CEL joins values with operators: `request.path.startsWith("/v1") && auth.identity.tier in ["gold", "silver"]`.',
    bad: conditionExample("request.method in ['GET',, 'HEAD']"),
    good: conditionExample("request.method in ['GET', 'HEAD']"),
  },
  POL1112: {
    severity: 'error',
    message: '`{operator}` has nothing on its {side}',
    help: 'write the missing value, or delete the operator',
    explanation: 'A binary operator stands between two values; `!` and `-` stand in front of one.',
    bad: conditionExample("request.method == 'GET' &&"),
    good: conditionExample("request.method == 'GET' && request.path == '/'"),
  },
  POL1113: {
    severity: 'error',
    message: '`{found}` follows a value without an operator between',
    help: 'join conditions with `&&` or `||`, and separate elements with a comma',
    explanation:
      'Two values beside each other mean nothing in CEL: an operator or a comma belongs between them. Strings beside each other are joined with `+`.',
    bad: conditionExample("request.method == 'GET' request.path == '/'"),
    good: conditionExample("request.method == 'GET' && request.path == '/'"),
  },
  POL1114: {
    severity: 'error',
    message: '`{text}` is not how CEL writes this operator',
    help: 'write `{replacement}`',
    explanation:
      'CEL spells its operators as C does: `==` and `!=` compare, `&&`, `||` and `!` join and negate; there are no operators on bits.',
    bad: conditionExample("request.method = 'GET' and request.path == '/'"),
    good: conditionExample("request.method == 'GET' && request.path == '/'"),
  },
  POL1115: {
    severity: 'error',
    message: 'CEL has no operator `{text}`',
    help: 'negate the whole test: `!(value in list)`',
    explanation:
      '`in` asks whether a list has a value or a map a key; `!` in front, with parentheses, asks the opposite.',
    bad: conditionExample("request.method not in ['GET', 'HEAD']"),
    good: conditionExample("!(request.method in ['GET', 'HEAD'])"),
  },
  POL1116: {
    severity: 'error',
    message: '`{open}` is never closed',
    help: 'write the `{close}` that belongs to it',
    explanation: 'Each bracket that is opened has to be closed by its own kind.',
    bad: conditionExample("request.path.startsWith('/v1'"),
    good: conditionExample("request.path.startsWith('/v1')"),
  },
  POL1117: {
    severity: 'error',
    message: '`{text}` closes nothing',
    help: 'delete it, or write the bracket that it is to close',
    explanation: 'No bracket of this kind is open at this place.',
    bad: conditionExample("request.method == 'GET')"),
    good: conditionExample("request.method == 'GET'"),
  },
  POL1118: {
    severity: 'error',
    message: '`{text}` closes `{open}`',
    help: 'write `{close}`',
    explanation: 'Each bracket that is opened has to be closed by its own kind.',
    bad: conditionExample("request.method in ['GET', 'HEAD')"),
    good: conditionExample("request.method in ['GET', 'HEAD']"),
  },
  POL1119: {
    severity: 'error',
    message: 'the string is never closed',
    help: 'write the closing {quote}',
    explanation:
      'A string ends with the quote that it begins with, on the same line; one between three quotes may have several lines.',
    bad: conditionExample("request.method == 'GET"),
    good: conditionExample("request.method == 'GET'"),
  },
  POL1120: {
    severity: 'error',
    message: 'this {quote} ends the string',
    help: 'write a backslash in front of it, or the string between the other quotes',
    explanation: 'A quote of the kind that a string begins with ends it, unless a backslash stands in front.',
    bad: conditionExample("request.path == '/it's'"),
    good: conditionExample(`request.path == '/it\\'s'`),
  },
  POL1121: {
    severity: 'error',
    message: '`{text}` is no escape of CEL',
    help: '{hint}',
    explanation:
      'The escapes are `\\\\`, `\\\'`, `\\"`, `\\?`, `\\a`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t`, `\\v`, `\\xHH`, `\\uHHHH`, `\\UHHHHHHHH` and three octal digits. Regular expressions are easier in raw strings, where a backslash is only a backslash: `r"\\d+"`.',
    bad: conditionExample(`request.path.matches('^/v\\d+/')`),
    good: conditionExample(`request.path.matches(r'^/v\\d+/')`),
  },
  POL1122: {
    severity: 'error',
    message: '`{text}` is no number',
    help: 'write decimal digits, or `0x` and hexadecimal ones; `1u` is unsigned, `1.0` and `1e3` are doubles',
    explanation:
      'CEL has no underscores in numbers, no octal or binary ones, and digits on both sides of the point; the only suffix is `u`.',
    bad: conditionExample('size(request.path) > 1_000_000'),
    good: conditionExample('size(request.path) > 1000000'),
  },
  POL1123: {
    severity: 'error',
    message: '`{text}` does not fit its type',
    help: 'the type has {limit}',
    explanation: 'Integers have 64 bits. CEL does not wrap around and does not round: what does not fit is an error.',
    bad: conditionExample('size(request.path) > 9223372036854775808'),
    good: conditionExample('size(request.path) > 9223372036854775807'),
  },
  POL1124: {
    severity: 'error',
    message: '`{text}` is a reserved word',
    help: 'no variable or function has this name; a field may have it',
    explanation:
      'CEL reserves `as`, `break`, `const`, `continue`, `else`, `for`, `function`, `if`, `import`, `let`, `loop`, `namespace`, `package`, `return`, `var`, `void` and `while`. A choice is written `condition ? a : b`.',
    bad: conditionExample("package == 'gold'"),
    good: conditionExample("auth.identity['package'] == 'gold'"),
  },
  POL1125: {
    severity: 'error',
    message: 'expected the name of a field behind the point, found {found}',
    help: 'write the name, or a key in brackets: `labels["app/name"]`',
    explanation:
      'Behind a point stands a name of letters, digits and underscores that is no keyword. Any other key is written in brackets, or between backticks.',
    bad: conditionExample("auth.identity.'app/name' == 'web'"),
    good: conditionExample("auth.identity['app/name'] == 'web'"),
  },
  POL1126: {
    severity: 'error',
    message: '`{text}` converts nothing in CEL',
    help: 'call the type: `{type}(value)`',
    explanation:
      'CEL converts with functions: `int(x)`, `double(x)`, `string(x)`. Parentheses around a name only group.',
    bad: conditionExample("(string) size(request.path) == '10'"),
    good: conditionExample("string(size(request.path)) == '10'"),
  },
  POL1127: {
    severity: 'error',
    message: 'a call ends with a comma',
    help: 'delete the comma',
    explanation: 'Lists, maps and messages may end with a comma, the arguments of a call may not.',
    bad: conditionExample("request.path.startsWith('/v1',)"),
    good: conditionExample("request.path.startsWith('/v1')"),
  },
  POL1128: {
    severity: 'error',
    message: '`?` has no `:` and other value',
    help: 'write both values: `condition ? a : b`',
    explanation: 'A conditional always has two values, since every expression of CEL has one.',
    bad: conditionExample("request.method == 'GET' ? request.path == '/'"),
    good: conditionExample("request.method == 'GET' ? request.path == '/' : false"),
  },
  POL1129: {
    severity: 'error',
    message: 'a conditional between `?` and `:` needs parentheses',
    help: 'write `a ? (b ? c : d) : e`',
    explanation: 'Between `?` and `:` the grammar of CEL has no conditional; behind the `:` it has.',
    bad: conditionExample('size(request.path) > 10 ? size(request.path) > 20 ? true : false : false'),
    good: conditionExample('size(request.path) > 10 ? (size(request.path) > 20 ? true : false) : false'),
  },
  POL1130: {
    severity: 'error',
    message: '`!` and `-` cannot stand beside each other in front of a value',
    help: 'write parentheses around `{text}`',
    explanation: 'One negates a bool and the other a number, so no value has both.',
    bad: conditionExample('!-size(request.path) > 10'),
    good: conditionExample('!(-size(request.path) > 10)'),
  },
  POL1131: {
    severity: 'error',
    message: '`{text}` cannot be a name between backticks here',
    help: '{hint}',
    explanation:
      'Between backticks stand the names of fields, behind a point or in a message, of letters, digits, `_`, `-`, `.`, `/` and spaces.',
    bad: conditionExample("auth.identity.`$tier` == 'gold'"),
    good: conditionExample("auth.identity['$tier'] == 'gold'"),
  },
  POL1132: {
    severity: 'error',
    message: 'only a name can be called',
    help: 'write an operator in front of the parenthesis, or a name: `f(x)`, `value.f(x)`',
    explanation: 'Functions are no values in CEL: what stands in front of the arguments is always a name.',
    bad: conditionExample("(request.path.startsWith)('/v1')"),
    good: conditionExample("request.path.startsWith('/v1')"),
  },
  POL1133: {
    severity: 'error',
    message: 'the expression is {what} than {limit}',
    help: 'split the expression into several',
    explanation:
      'Expressions have limits, so that reading them always ends quickly. Those that are written by people are hundreds of times smaller.',
  },
  POL1134: {
    severity: 'error',
    message: 'the expression is empty',
    help: 'write an expression, such as `true`',
    explanation: 'Every expression has a value; empty text has none.',
    bad: conditionExample('// every request'),
    good: conditionExample('true'),
  },
});
