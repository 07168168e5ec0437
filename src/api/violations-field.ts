import * as z from 'zod';

/** As many as there are rules, and more. */
export const mostViolations = 32;
export const longestViolation = 1024;

/** What policy holds against an object, each thing by itself: the condition `Allowed` tells it in one text. */
export const violationsField = z
  .array(
    z.object({
      reason: z.string().max(64).describe('Which rule, in one word for programs.'),
      field: z.string().max(128).describe('The field of this object that is at fault.'),
      message: z
        .string()
        .max(longestViolation)
        .describe('The field, what it asks for, who says no, and what is allowed.'),
    }),
  )
  .max(mostViolations)
  .meta({ 'x-kubernetes-list-type': 'atomic' })
  .describe('All that is not allowed; left out when nothing is.');
