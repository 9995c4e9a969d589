import { entries } from '../entry.ts';

/** The price file of launches. */
export const prices = entries({
  POL8300: {
    severity: 'error',
    message: '`{value}` is no price',
    help: 'write US dollars an hour, such as `0.0416`',
    explanation: `A price is what an instance costs in an hour, in US dollars: a number that is 0 or more, without a sign of a currency. A file
with a mistake has no price at all, so that no launch is decided by half of one; under a limit of cost an unknown price refuses.`,
  },
  POL8301: {
    severity: 'warning',
    message: 'a price of 0 keeps within every limit',
    help: 'leave the line out if the price is not known, which refuses under a limit',
    explanation: `An instance that costs nothing is never over a limit or budget, however many of them run. A price that is not known yet is
better left out: where cost is limited, what has no price is not launched.`,
  },
  POL8302: {
    severity: 'error',
    message: 'this file holds no price',
    help: 'write instance types with their prices, such as `t3.medium: 0.0416`, by themselves or below a region',
    explanation: `A price file has instance types with what they cost in an hour in US dollars, and regions with instance types that cost
something else there:

    t3.medium: 0.0416
    eu-west-1:
      t3.medium: 0.0456

What a region does not name costs there what it costs everywhere.`,
  },
});
