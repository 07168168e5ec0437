/**
 * What becomes of something that a tenant writes.
 *
 * - `own`: it is taken, and means what is in the tenant's own namespace or within its own ceiling
 * - `schema`: the API server refuses it, whoever the tenant is
 * - anything else is the reason for which Grantor refuses it
 */
export type Answer = 'own' | 'schema' | (string & {});

/** The two tenants: what A writes must neither reach nor show what is B's. */
export const tenantA = 'matrix-a';
export const tenantB = 'matrix-b';

/** What a field is part of. */
export interface FieldOf {
  readonly kind: 'OAuthClient' | 'WorkloadIdentityBinding';
  /** As the reference of the kind has it; `[]` stands for each entry of a list. */
  readonly field: string;
  /** What else the object says, beyond what every cell says. */
  readonly with?: Readonly<Record<string, unknown>>;
}

/** One thing to write into a field. */
export interface Cell extends FieldOf {
  /** In the words of the printed table. */
  readonly what: string;
  /** `$mine` and `$theirs` stand for ids that issuers assign. */
  readonly value: string;
  readonly answer: Answer;
  /** Where the value goes instead, while the field names what is one's own. */
  readonly beside?: { readonly field: string; readonly own: string };
}
