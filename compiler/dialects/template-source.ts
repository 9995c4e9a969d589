import { enumeration } from '../schema/scalars.ts';

/** Where templates are loaded from; policies say which of them may be launched. */
export const templateSource = enumeration(
  'a source of templates',
  {
    institutional: 'approved and signed by the institution',
    departmental: 'signed by a department',
    pi_lab: 'of a research group',
    community: 'of the community',
    external: 'of anybody else',
    personal: "of the person's own",
  },
  {
    institution: 'institutional',
    department: 'departmental',
    pi: 'pi_lab',
    lab: 'pi_lab',
    'pi-lab': 'pi_lab',
    group: 'pi_lab',
    'third-party': 'external',
    user: 'personal',
    own: 'personal',
  },
);
