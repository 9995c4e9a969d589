import { entries } from '../entry.ts';
import { conditionExample } from './kuadrant-example.ts';

/** Expressions in CEL whose parts do not fit together. */
export const celTypes = entries({
  POL4080: {
    severity: 'error',
    message: '`{name}` does not take {types}',
    help: 'convert one side: `int(x)`, `uint(x)`, `double(x)` or `string(x)`',
    explanation:
      'CEL has no implicit conversions: `1 + 1.0` and `"a" + 1` are errors. Comparisons are the exception, which work between `int`, `uint` and `double`.',
    bad: conditionExample("size(request.path) > '10'"),
    good: conditionExample('size(request.path) > 10'),
  },
  POL4081: {
    severity: 'error',
    message: 'a condition is needed here, and this is `{type}`',
    help: "compare it: `x != ''`, `x > 0`",
    explanation:
      'Operands of `&&`, `||` and `?:` and the tests of macros are booleans; nothing else counts as true or false.',
    bad: conditionExample("request.method && request.path == '/'"),
    good: conditionExample("request.method != '' && request.path == '/'"),
  },
  POL4082: {
    severity: 'error',
    message: 'the two branches are of different types: `{first}` and `{second}`',
    help: 'convert one of them, or wrap one in `dyn(...)` where the engine has it',
    explanation: 'The type of `a ? b : c` is the one type of both its branches.',
    bad: conditionExample("(request.method == 'GET' ? 1 : 'one') == 1"),
    good: conditionExample("(request.method == 'GET' ? 1 : 2) == 1"),
  },
  POL4083: {
    severity: 'error',
    message: '`{type}` has no fields, so `.{field}` cannot be selected',
    help: 'fields are selected of maps and objects; of a list take an element: `list[0]`',
    explanation:
      'Only maps, and objects with known fields, have fields. Functions are called with brackets: `text.size()`.',
    bad: conditionExample("request.method.name == 'GET'"),
    good: conditionExample("request.method == 'GET'"),
  },
  POL4084: {
    severity: 'error',
    message: '`{name}` needs {wants} here',
    help: 'write it as in `list.exists(x, x > 1)`, `map.exists(k, v, v > 1)` or `has(a.b)`',
    explanation:
      "Macros are not functions: `exists` and its like declare variables, and `has` asks for a field by its name. `has(m['k'])` is written `'k' in m`.",
    bad: conditionExample('has(auth)'),
    good: conditionExample('has(auth.identity.groups)'),
  },
  POL4085: {
    severity: 'error',
    message: 'an optional is needed here, and this is `{type}`',
    help: 'make one with `optional.of(x)`, or select with `.?`',
    explanation: 'What stands behind `?` in a list or map, and what `optMap` is called on, is an optional.',
    bad: conditionExample('[?request.method] == []'),
    good: conditionExample('[request.method] == []'),
  },
  POL4086: {
    severity: 'error',
    message: '`{name}` is no message type here',
    help: 'only `google.protobuf.Timestamp`, `Duration` and the wrapper types can be made',
    explanation:
      'Policies have no protobuf descriptors, so that only messages that are values of CEL itself can be written.',
    bad: conditionExample("Request{method: 'GET'} == request"),
    good: conditionExample("request.method == 'GET'"),
  },
  POL4087: {
    severity: 'error',
    message: 'the field `{name}` is `{wanted}`, and this is `{type}`',
    help: 'give it a value of its type',
    explanation:
      'Fields of messages have fixed types, as protobuf declares them: the seconds of a timestamp are an `int`, and the value of a wrapper is of the type that it wraps.',
    bad: conditionExample("google.protobuf.Timestamp{seconds: 'now'} < request.time"),
    good: conditionExample('google.protobuf.Timestamp{seconds: 0} < request.time'),
  },
  POL4088: {
    severity: 'error',
    message: 'the expression nests deeper than {limit} levels',
    help: 'split it into several expressions',
    explanation: 'Engines refuse deep nesting, and so does this compiler, which must answer whatever the expression.',
  },
  POL4089: {
    severity: 'error',
    message: 'a macro goes through lists and maps, and this is `{type}`',
    help: 'call it on a list or a map',
    explanation: '`all`, `exists`, `filter` and `map` look at each element of a list, or each key of a map.',
    bad: conditionExample('request.method.exists(each, each == "GET")'),
    good: conditionExample('[request.method].exists(each, each == "GET")'),
  },
});
