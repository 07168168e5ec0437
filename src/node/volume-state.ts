import * as z from 'zod';
import { toDotPath } from 'zod/v4/core';
import { instantOf } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { VolumeState } from './volume-store.ts';

const text = z.string().min(1).max(4096);
const instant = z.int().min(0).transform(instantOf);
const schema = z.object({
  version: z.literal(1),
  volumeID: text,
  targetPath: text,
  pod: z.object({ namespace: text, name: text, uid: text, serviceAccountName: text }),
  binding: text,
  access: z
    .strictObject({ mode: z.int().min(0).max(0o777), group: z.int().min(0).optional() })
    .transform(({ mode, group }) => ({ mode, group })),
  published: z.boolean(),
  delivered: z
    .strictObject({
      issuedAt: instant,
      expiresAt: instant,
      dueAt: instant.optional(),
      generation: z.int().min(1),
      bindingUID: text,
      grantHash: text,
      issuer: text,
      clientID: text,
      tenantID: text,
    })
    .optional(),
});

/** The state of a volume as it lies beside its files. */
export const encodeVolumeState = (state: VolumeState): string => JSON.stringify({ version: 1, ...state });

/**
 * Reads it back; what does not fit comes back as a sentence that names the first member at fault. Members that are not known here are
 * overlooked: a plug-in that was rolled back still finds the volumes of the newer one.
 */
export function decodeVolumeState(json: string): Result<VolumeState, string> {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return err('the state is no JSON');
  }
  const decoded = schema.safeParse(raw);
  if (!decoded.success) {
    const [issue] = decoded.error.issues;
    return err(`the state has a wrong ${toDotPath(issue?.path ?? []) || 'shape'}`.slice(0, 512));
  }
  const { version: _, delivered, ...state } = decoded.data;
  return ok({ ...state, ...(delivered === undefined ? {} : { delivered }) });
}
