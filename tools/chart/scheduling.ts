import * as z from 'zod';

/** Where pods of one part run, with the defaults that differ. */
export const scheduling = (defaults: {
  readonly priorityClassName: string;
  readonly tolerations: readonly Record<string, unknown>[];
}) => ({
  podAnnotations: z.record(z.string(), z.string()).describe('On its pods.').default({}),
  nodeSelector: z.record(z.string(), z.string()).describe('As in a pod.').default({}),
  tolerations: z
    .array(z.looseObject({}))
    .describe('As in a pod.')
    .default([...defaults.tolerations]),
  affinity: z.looseObject({}).describe('As in a pod.').default({}),
  priorityClassName: z.string().describe('As in a pod.').default(defaults.priorityClassName),
});
