import { entries } from '../entry.ts';
import { ruleExample } from './rule-example.ts';

/** The syntax of conditions on the arguments of calls. */
export const conditionSyntax = entries({
  POL1100: {
    severity: 'error',
    message: '`{text}` is no part of a condition',
    help: 'delete it',
    explanation:
      'Conditions are made of `arg0` to `arg5`, numbers, named constants, the operators `== != < <= > >= & | ~ && || !`, `in`, lists in brackets, ranges `low..high` and parentheses.',
    bad: ruleExample('arg0 == $AF_INET'),
    good: ruleExample('arg0 == AF_INET'),
  },
  POL1101: {
    severity: 'error',
    message: 'expected {expected}, found {found}',
    help: 'write what is missing, or delete what is too much',
    explanation:
      'A condition compares arguments with constants: `arg0 == AF_INET`, `arg1 in [1, 4..7]`, `arg2 & O_CREAT`, joined by `&&` and `||`, in parentheses where needed.',
    bad: ruleExample('arg0 =='),
    good: ruleExample('arg0 == AF_INET'),
  },
  POL1102: {
    severity: 'error',
    message: '`{text}` is no operator of conditions',
    help: 'write `{replacement}`',
    explanation: 'Conditions are spelt as in C: `==` and `!=` compare, `&&`, `||` and `!` join.',
    bad: ruleExample('arg0 = AF_INET'),
    good: ruleExample('arg0 == AF_INET'),
  },
  POL1103: {
    severity: 'error',
    message: '`{text}` is no number',
    help: '{hint}',
    explanation:
      'Numbers are decimal, `0x` hexadecimal, `0o` octal or `0b` binary; underscores may stand between digits. A leading zero is refused, because C reads `0755` as octal and YAML as decimal.',
    bad: ruleExample('arg0 == 02'),
    good: ruleExample('arg0 == 2'),
  },
  POL1104: {
    severity: 'error',
    message: '`!` needs parentheses around what it negates',
    help: 'write `!(...)` around the whole comparison, or use the opposite comparison',
    explanation:
      'In C `!arg0 == 1` negates the argument and compares the result, which nobody means. Parentheses say what is negated.',
    bad: ruleExample('"!arg0 == 1"'),
    good: ruleExample('"!(arg0 == 1)"'),
  },
  POL1105: {
    severity: 'error',
    message: 'comparisons cannot be chained',
    help: 'join two comparisons with `&&`, or write a range: `arg0 in 1..4`',
    explanation:
      '`a < b < c` compares a truth value with `c` in C and means something else in mathematics, so it means nothing here.',
    bad: ruleExample('1 < arg0 < 5'),
    good: ruleExample('arg0 in 2..4'),
  },
  POL1106: {
    severity: 'error',
    message: 'the condition is {what} than {limit}',
    help: 'split the rule into several, each with a part of the condition',
    explanation:
      'Conditions have limits, so that a compile always ends quickly. Rules that are written by people are hundreds of times smaller.',
  },
  POL1107: {
    severity: 'error',
    message: 'the condition is empty',
    help: 'write a condition, such as `arg0 == 1`, or delete `when`',
    explanation:
      'A rule without `when` holds whatever the arguments are; an empty condition could mean that or its opposite.',
    bad: ruleExample('""'),
    good: ruleExample('arg0 == AF_INET'),
  },
});
