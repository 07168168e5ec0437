import * as z from 'zod';
import { listMap } from './fields.ts';

/** `metav1.Condition`, as Kubernetes' own tools read it. */
const condition = z
  .object({
    type: z
      .string()
      .max(64)
      .describe('What is said to be so or not; the types of each kind are listed in its reference.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
    reason: z.string().max(64).describe('Why, in one word for programs.'),
    message: z.string().max(32_768).describe('Why, in words for people.'),
    lastTransitionTime: z.iso.datetime({ offset: true }).describe('When `status` last changed.'),
    observedGeneration: z
      .int()
      .min(0)
      .describe('The `metadata.generation` that this was said about.')
      .optional(),
  })
  .describe('One aspect of the state.');

/** What the status of every kind has. */
export const commonStatus = {
  observedGeneration: z
    .int()
    .min(-1)
    .describe(
      'The `metadata.generation` that this status is about; -1 before the controller has seen the object.',
    )
    .optional(),
  conditions: listMap(condition, 'type', { max: 16 })
    .describe('The state in parts, `Ready` being the summary.')
    .optional(),
};

/** What the API server gives an object that no controller has seen: to deployment tools, one without any status would be ready. */
export const unseenStatus = { observedGeneration: -1 } as const;

/** A type of condition, for the manual. All but `Stalled` are good signs when True, and are there from the first reconciliation on. */
interface ConditionDoc {
  readonly summary: string;
}

export const conditionTypes = {
  Ready: { summary: 'The summary: everything that the spec asks for is in place.' },
  Allowed: { summary: 'The TenantScope of the namespace allows everything that the spec asks for.' },
  Registered: { summary: 'The issuer holds the registration as it is wanted.' },
  CredentialsReady: { summary: 'What the client logs in with is where the spec wants it.' },
  InSync: {
    summary:
      'When the issuer was last asked, it held what the spec says. Unknown where it cannot be asked; that alone does not keep `Ready` from being True.',
  },
  Issued: { summary: 'The issuer granted a token that passed every check.' },
  Delivered: { summary: 'A living token is in the Secret that the spec names.' },
  Stalled: {
    summary:
      'Only there while True, which is bad: `Ready` is False, and stays so until somebody changes what the message says. Deployment tools need not wait any longer.',
  },
} as const satisfies Readonly<Record<string, ConditionDoc>>;

export type ConditionType = keyof typeof conditionTypes;
