import * as z from 'zod';

/**
 * What an audit line holds: the only source of docs/reference/audit.md and of the JSON Schema beside it. Within a version fields and acts are
 * only added, never changed or taken away; whoever reads one passes over what it does not know.
 */
export const auditVersion = 'v1';

/** The acts that leave a line, what each is done to, and what the line says. The type of an event is made of both. */
export const auditActs = {
  register: {
    on: 'client',
    means: 'A client was registered at its issuer, or found there by its mark (RFC 7591).',
  },
  update: { on: 'client', means: 'The issuer was told to change a client (RFC 7592).' },
  deregister: { on: 'client', means: 'A client was deleted at its issuer.' },
  release: {
    on: 'client',
    means: 'A client was let go without being deleted at its issuer, because somebody asked for that.',
  },
  rotate: {
    on: 'credential',
    means: 'The credential of a client went a step on in its rotation; `step` says which.',
  },
  issue: {
    on: 'token',
    means:
      'A token was delivered, or the issuer gave none. An exchange (RFC 8693) is one too, `grantType` says so; and so is the introspection (RFC 7662) of what came, `verification`.',
  },
  refuse: {
    on: 'token',
    means: 'A token that the issuer gave was not delivered, because it is not what was granted.',
  },
  revoke: {
    on: 'token',
    means:
      'A token was revoked at its issuer (RFC 7009), or all of a client; a failure is tried again until the token ends.',
  },
  withdraw: { on: 'token', means: 'A token was taken away from where it was delivered.' },
  deny: {
    on: 'request',
    means:
      'What a client, a binding or the volume of a pod asks for is not allowed. Once, when that begins or its reason changes.',
  },
} as const satisfies Readonly<Record<string, { readonly on: string; readonly means: string }>>;

export type AuditAct = keyof typeof auditActs;

/** `dev.grantor.token.issue.v1` */
export const auditTypeOf = <Act extends AuditAct>(act: Act) =>
  `dev.grantor.${auditActs[act].on}.${act}.${auditVersion}` as const;

/** Where the schema of `data` is: the member of that name in the JSON Schema of a line. */
export const auditSchemaID = `https://grantor.dev/schemas/audit-${auditVersion}.json`;
export const auditDataSchema = `${auditSchemaID}#/properties/data`;

const namespaced = z.string().max(320);
const identifier = z.string().min(1).max(512);

/** The `data` of every line. What does not apply is left out. */
export const auditData = z.object({
  outcome: z.enum(['success', 'failure']).describe('Whether the act came to what it was to come to.'),
  reason: z
    .string()
    .max(128)
    .optional()
    .describe(
      'Why, in one word for programs, of [conditions and reasons](conditions-and-reasons.md) where it is one of them.',
    ),
  detail: z.string().max(1024).optional().describe('Why, in words for people.'),
  correlationID: identifier.describe(
    'The same in every line, log line and request of one piece of work; issuers get it as `X-Request-ID`.',
  ),
  tenantID: z
    .string()
    .max(128)
    .optional()
    .describe(
      '`spec.tenantID` of the TenantScope on whose account it was done. What is denied because the namespace is of no tenant, or of two, has none; nor has what is found at an issuer after all that knew of it is gone (`Orphaned`), nor what a node denies of a binding that was granted nothing.',
    ),
  issuer: z.string().max(2048).optional().describe('The issuer identifier (RFC 8414).'),
  client: namespaced.optional().describe('The OAuthClient, `namespace/name`.'),
  clientID: identifier.optional().describe('`client_id` at the issuer.'),
  binding: namespaced.optional().describe('The WorkloadIdentityBinding, `namespace/name`.'),
  secret: namespaced.optional().describe('The Secret that it was in, `namespace/name`.'),
  serviceAccount: namespaced.optional().describe('As whom, `namespace/name`.'),
  pod: namespaced.optional().describe('The pod whose volume it was done for, `namespace/name`.'),
  podUID: z.string().max(64).optional().describe('Its UID.'),
  node: z.string().max(253).optional().describe('The node that the pod is on.'),
  scopes: z.array(z.string()).max(256).readonly().optional().describe('The scopes that were asked for.'),
  audience: z.string().max(2048).optional().describe('Whom the token is for.'),
  grantType: z
    .enum(['client_credentials', 'jwt-bearer', 'token-exchange'])
    .optional()
    .describe('How the token was asked for: RFC 6749 section 4.4, RFC 7523 or RFC 8693.'),
  verification: z
    .enum(['Signature', 'Introspection', 'None'])
    .optional()
    .describe('How the token was seen to be the issuer’s before it was delivered.'),
  tokenID: identifier
    .optional()
    .describe('`jti` of the token (RFC 7519 section 4.1.7): finds it at the issuer and at resource servers.'),
  expiresAt: z.iso.datetime().optional().describe('When the token ends.'),
  step: z.string().max(32).optional().describe('How far a rotation has come with this.'),
});

const acts = Object.keys(auditActs) as [AuditAct, ...AuditAct[]];

/** One line: a CloudEvent (version 1.0) in the JSON format. */
export const auditLine = z.object({
  specversion: z.literal('1.0').describe('Of CloudEvents.'),
  id: z.uuid().describe('Of this line.'),
  source: z
    .string()
    .regex(/^(\/clusters\/[^/]+\/controller|(\/clusters\/[^/]+)?\/nodes\/[^/]+)$/)
    .describe(
      'The program: `/clusters/<cluster id>/controller`, `/clusters/<cluster id>/nodes/<node>`, or `/nodes/<node>` where nobody told the node the id: to read it would take a right on a Namespace, which nodes have not. The value `clusterID` of the chart tells it to all.',
    ),
  type: z.enum(acts.map(auditTypeOf)).describe('The act, with the version of this schema.'),
  subject: z.string().min(1).max(400).describe('The object that it was done for: `Kind namespace/name`.'),
  time: z.iso.datetime().describe('When it was done.'),
  datacontenttype: z.literal('application/json').describe('Of `data`.'),
  dataschema: z.literal(auditDataSchema).describe('Of `data`.'),
  data: auditData.describe('Who, what, why.'),
});

export type AuditData = z.infer<typeof auditData>;
export type AuditLine = z.infer<typeof auditLine>;
