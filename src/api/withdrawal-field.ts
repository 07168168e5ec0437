import * as z from 'zod';
import type { DeepReadonly } from './kind.ts';

const time = () => z.iso.datetime({ offset: true });

/** How what was allowed once is taken back. There while it is not allowed any more; gone when it is allowed again. */
export const withdrawalField = z
  .object({
    reason: z.string().max(64).describe('Why, in one word for programs: that of the condition `Allowed`.'),
    startedAt: time().describe('Since when it is not allowed any more.'),
    effectiveAt: time().describe(
      'When it is taken away: at once, or `spec.withdrawalDelay` of the TenantScope later where it may be an accident.',
    ),
    revocation: z
      .enum(['Confirmed', 'Unconfirmed'])
      .describe(
        'Whether the issuer has confirmed that the tokens are revoked: who asks it (RFC 7662) accepts them no more. Where it can end only single tokens (RFC 7009), that is the one that was in the Secret; those that it had replaced end by themselves, and those in volumes are revoked by their nodes, which is not told here. Left out until it is taken away.',
      )
      .optional(),
    exposedUntil: time()
      .describe(
        'Until when validators that do not ask the issuer may still accept a token. Left out while that is not known: until it is taken away, and while the issuer has not confirmed that the client gets no more.',
      )
      .optional(),
  })
  .describe('How what was allowed once is taken back; left out while nothing is.');

/** The same in a status. */
export type WithdrawalStatus = DeepReadonly<z.output<typeof withdrawalField>>;
