import { entries } from '../entry.ts';
import { conditionExample } from './kuadrant-example.ts';

/** Names that an expression in CEL uses and nothing provides. */
export const celNames = entries({
  POL3100: {
    severity: 'error',
    message: 'unknown name `{name}`',
    help: 'only what the component that evaluates this expression provides can be named; strings need quotes',
    explanation:
      'Each component gives its expressions a fixed set of variables. A name that is not among them is an error when the expression is loaded, or each time it is evaluated.',
    bad: conditionExample("user.tier == 'gold'"),
    good: conditionExample("auth.identity.tier == 'gold'"),
  },
  POL3101: {
    severity: 'error',
    message: 'unknown function `{name}`',
    help: 'the component that evaluates this expression has no such function for this kind of call',
    explanation:
      'Each component has a fixed set of functions; some are called as `f(x)`, some as `x.f()`. Extensions of other CEL engines are often absent.',
    bad: conditionExample("request.path.beginsWith('/v1')"),
    good: conditionExample("request.path.startsWith('/v1')"),
  },
  POL3102: {
    severity: 'error',
    message: '`{type}` has no field `{name}`',
    help: 'only fields that exist can be selected or tested with `has`',
    explanation:
      'The fields of this object are known, and the named one is not among them, so that selecting it always fails.',
    bad: conditionExample("request.metod == 'GET'"),
    good: conditionExample("request.method == 'GET'"),
  },
});
