import { z } from 'zod';

const texts = z.record(z.string(), z.string());

/** The part of `metadata` that we use. The API server made it, so only its form is looked at. */
export const metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1).optional(),
  uid: z.string().min(1),
  resourceVersion: z.string().min(1),
  generation: z.int(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
  finalizers: z.array(z.string()).optional(),
});
