/** Options of the verbs that read cost events. */
export const eventOptions = {
  event: {
    type: 'text',
    value: 'FILE',
    doc: 'the events as AWS delivered them, or normalised; - is standard input',
    short: 'e',
    completes: 'files',
  },
  'budget-map': {
    type: 'text',
    value: 'FILE',
    doc: 'what each budget counts, which its notifications do not say',
    completes: 'files',
  },
  history: {
    type: 'text',
    value: 'FILE',
    doc: 'what was spent in earlier periods, for cost_rate_change',
    completes: 'files',
  },
} as const;
