import * as z from 'zod';
import { toDotPath } from 'zod/v4/core';
import { err, ok, type Result } from '../std/result.ts';
import { apiVersion, type Kind, type ObjectOf } from './kind.ts';
import { metadata } from './metadata.ts';

const longestMessage = 512;

/**
 * Reads an object of a kind as the API server gave it. What doesn't fit, because it was stored under a looser schema or is no such
 * object at all, comes back as a sentence of at most 512 characters that names the first field at fault. Never throws.
 */
export function decode<K extends Kind>(kind: K, raw: unknown): Result<ObjectOf<K>, string> {
  const decoded = schemaOf(kind).safeParse(raw);
  if (decoded.success) return ok(decoded.data as ObjectOf<K>);
  const [issue] = decoded.error.issues;
  const field = toDotPath(issue?.path ?? []);
  return err(
    `${field === '' ? kind.kind : field}: ${issue?.message ?? 'cannot be read'}`.slice(0, longestMessage),
  );
}

const schemas = new WeakMap<Kind, z.ZodType>();

/** Building a schema costs more than using it, so each kind's is kept. */
function schemaOf(kind: Kind): z.ZodType {
  const known = schemas.get(kind);
  if (known !== undefined) return known;
  const schema = z.object({
    apiVersion: z.literal(apiVersion),
    kind: z.literal(kind.kind),
    metadata: kind.namespaced ? metadata.required({ namespace: true }) : metadata,
    spec: kind.spec,
    status: kind.status.optional(),
  });
  schemas.set(kind, schema);
  return schema;
}
