import * as z from 'zod';
import { hours, seconds } from '../std/duration.ts';
import { commonStatus } from './conditions.ts';
import { durationField } from './duration-field.ts';
import { exactlyOne } from './exactly-one.ts';
import { audience, listSet, nameRef, objectName, role, scopeToken } from './fields.ts';
import { type DeepReadonly, defineKind, type ObjectOf } from './kind.ts';
import { ageColumn, stateColumns } from './printer-column.ts';
import { redirectURI } from './redirect-uri.ts';
import { rotationField, rotationStatusField, secretRotationField } from './rotation-field.ts';
import { text, withRule, withValidation } from './rule.ts';
import { violationsField } from './violations-field.ts';
import { withdrawalField } from './withdrawal-field.ts';

const clientID = () =>
  text(256, '^[!-~]+$', 'write the client id as the issuer has it: printable ASCII without spaces');

const federated = z.object({
  serviceAccountName: objectName().describe(
    'The ServiceAccount in the same namespace whose tokens are the client assertions. It can be that of one client only at each issuer.',
  ),
});

const privateKey = z.object({
  algorithm: z
    .enum(['ES256'])
    .describe('The signature algorithm of the client assertions (RFC 7518).')
    .default('ES256'),
  secretRef: nameRef('Secret').describe(
    'The Secret in the same namespace into which Grantor puts `client_id` and the private key. It must not exist before.',
  ),
  rotation: rotationField.describe('When the key is replaced by another.').optional(),
});

const secret = z.object({
  secretRef: nameRef('Secret').describe(
    'The Secret in the same namespace into which Grantor puts `client_id` and `client_secret`. It must not exist before.',
  ),
  rotation: secretRotationField
    .describe(
      'When the secret is replaced by another. The issuer must let Grantor choose the secret (`ChooseSecret`), and hold two for a while (`SecretOverlap`).',
    )
    .optional(),
});

const mutualTLS = z.object({
  secretRef: nameRef('Secret').describe(
    'The Secret in the same namespace into which Grantor puts `client_id`, the certificate as `tls.crt` and its key as `tls.key`. It must not exist before.',
  ),
  rotation: rotationField.describe('When key and certificate are replaced by others.').optional(),
});

const authentication = exactlyOne(
  {
    federated: federated.describe(
      'By the token of a ServiceAccount (RFC 7523). Nothing is stored: the best choice.',
    ),
    privateKey: privateKey.describe(
      'By a key pair that Grantor makes (`private_key_jwt`, OpenID Connect Core section 9).',
    ),
    secret: secret.describe('By a shared secret from the issuer (RFC 6749 section 2.3.1).'),
    mutualTLS: mutualTLS.describe(
      'By a TLS certificate that Grantor makes and signs with its own key (`self_signed_tls_client_auth`, RFC 8705 section 2.2). It names nobody and has no end: what counts is that the issuer holds it in the registration of this client.',
    ),
    public: z
      .object({})
      .describe(
        'Not at all: an application in the hands of its users, which can keep nothing from them (RFC 6749 section 2.1). It proves with PKCE (RFC 7636) that a code is its own, and has no tokens for itself: its only grant type is `AuthorizationCode`, and no binding can be for it.',
      ),
  },
  'write exactly one of federated, privateKey, secret, mutualTLS and public',
);

const adopt = z.object({
  clientID: clientID().describe('Its id, as the issuer has it. The client keeps it.'),
});

const spec = z.object({
  issuerRef: nameRef('OAuthIssuer').describe(
    'The OAuthIssuer at which this client is registered, immutable.',
  ),
  clientID: clientID()
    .describe(
      'For issuers with the `static` driver only: the id of the client that was registered there by other means. Once written it is immutable.',
    )
    .optional(),
  adopt: adopt
    .describe(
      "Takes over a client that somebody else registered, instead of registering one: it is brought to what this spec says, marked as this object's, and from then on changed, withdrawn and deleted like any other. The TenantScope has to allow it (`clients.adoption`), and the issuer must be one that keeps marks (`Adopt` in its `status.capabilities`). A client with the mark of another object or cluster is refused. It cannot be changed, added or removed later.",
    )
    .optional(),
  grantTypes: listSet(z.enum(['ClientCredentials', 'AuthorizationCode']), { min: 1, max: 2 })
    .describe(
      'The grant types of the client (RFC 7591 section 2). Bindings get tokens by `ClientCredentials`; with `AuthorizationCode` the application itself asks for tokens of its users, within the same registration.',
    )
    .default(['ClientCredentials']),
  redirectURIs: listSet(redirectURI(), { max: 16 })
    .describe(
      'Where the issuer may send users back to, with `AuthorizationCode` and only with it. Each is registered as it stands, and an issuer that registers others is refused.',
    )
    .default([]),
  scopes: listSet(scopeToken(), { min: 1, max: 64 }).describe(
    'The scopes that bindings of this client may ask for, each as it is: there are no wildcards here.',
  ),
  audiences: listSet(audience(), { min: 1, max: 16 }).describe(
    'The audiences (`resource` of RFC 8707) of its tokens.',
  ),
  roles: listSet(role(), { max: 64 })
    .describe(
      'The roles that its tokens carry in the claim `roles`; a token without one of them is not delivered.',
    )
    .default([]),
  accessTokenLifetime: durationField(seconds(10), hours(24))
    .describe(
      'How long its tokens live. It is part of the registration, since no grant can ask for a lifetime; a token that lives longer is not delivered. If left out, 10m, or what the TenantScope allows (`tokens.maxLifetime`) where that is less: `status.tenant.maxLifetime` says which.',
    )
    .optional(),
  proofOfPossession: z
    .enum(['None', 'DPoP'])
    .describe(
      'With `DPoP` (RFC 9449) each token is bound to a key of its own, which is delivered with it as `dpop.jwk`, and the issuer is told to give this client no other tokens. Resource servers then ask for a proof with every request.',
    )
    .default('None'),
  authentication: authentication.describe('How the client logs in to the issuer.'),
  management: z
    .enum(['Manage', 'Observe', 'Paused'])
    .describe(
      'What is done about the registration while this object stays. `Manage` brings it to what the spec says, again and again: what somebody else changed at the issuer is put right. `Observe` sends nothing: the condition `InSync` says in which respects the issuer holds something else, changes of this spec included. `Paused` does not even look. What takes rights away is never held up by it: neither the ceiling of the tenant nor the deletion of this object.',
    )
    .default('Manage'),
  deletionPolicy: z
    .enum(['Delete', 'Disable', 'Orphan'])
    .describe(
      'What becomes of the registration when this object is deleted. `Delete` deletes it at the issuer. `Disable` leaves it there with nothing to obtain: no scopes, audiences, roles and ServiceAccount, and its tokens ended. `Orphan` leaves it as it is, with all its rights, if the TenantScope allows that (`clients.orphaning`) and all that this object asks for; otherwise it is as `Disable`, since no suspension could reach the client any more. Where an issuer cannot be told, the object stays, until a platform admin annotates it with `grantor.dev/release: "true"`; with `Disable` and `Orphan` it goes if the issuer is gone, or gave no means to manage the client.',
    )
    .default('Delete'),
});

const tenant = z
  .object({
    name: z.string().max(253).describe('The TenantScope.'),
    uid: z.string().max(64).describe('Its UID.'),
    tenantID: z.string().max(63).describe('Its `spec.tenantID`.'),
    withdrawalDelay: z
      .string()
      .max(24)
      .describe(
        'How long the registration stays as it is if the TenantScope goes, which may be an accident.',
      ),
    maxLifetime: z.string().max(24).describe('The longest life of the tokens that the client can obtain.'),
  })
  .describe(
    'The tenant that the client is of, and what has to be known of it when its TenantScope is gone; left out once the client is withdrawn.',
  );

const status = z.object({
  ...commonStatus,
  violations: violationsField.optional(),
  tenant: tenant.optional(),
  withdrawal: withdrawalField.optional(),
  clientID: clientID().describe('The id that the issuer knows the client by.').optional(),
  tokensRevokedAt: z.iso
    .datetime({ offset: true })
    .describe('When the issuer last ended all tokens of the client. Bindings replace those that are older.')
    .optional(),
  rotation: rotationStatusField.optional(),
});

const attainable = withRule(spec, {
  cel: "('AuthorizationCode' in self.grantTypes) == (size(self.redirectURIs) > 0)",
  message: 'write redirectURIs with the grant type AuthorizationCode, and only with it',
  holds: ({ grantTypes, redirectURIs }) =>
    grantTypes.includes('AuthorizationCode') === redirectURIs.length > 0,
});

/** Whoever knows its id could have the tokens that a public client got for itself. */
const nothingForAnybody = withRule(attainable, {
  cel: "!has(self.authentication.public) || self.grantTypes == ['AuthorizationCode']",
  message: 'write grantTypes: [AuthorizationCode] for a public client: it has no tokens for itself',
  holds: ({ authentication: { public: isPublic }, grantTypes }) =>
    isPublic === undefined || !grantTypes.includes('ClientCredentials'),
});

const fixedIssuer = withValidation(nothingForAnybody, {
  rule: 'self.issuerRef == oldSelf.issuerRef',
  message: 'spec.issuerRef cannot be changed; create another OAuthClient for the other issuer',
});

const fixedAdoption = withValidation(fixedIssuer, {
  rule: 'has(self.adopt) == has(oldSelf.adopt) && (!has(self.adopt) || self.adopt == oldSelf.adopt)',
  message: 'spec.adopt cannot be changed, added or removed; create another OAuthClient',
});

export const oauthClientKind = defineKind({
  kind: 'OAuthClient',
  plural: 'oauthclients',
  shortName: 'oac',
  namespaced: true,
  description:
    'One client registration at an issuer and its credentials. Its namespace must belong to a TenantScope, which is the ceiling on all it asks for. Written by application teams.',
  columns: [
    { name: 'Issuer', type: 'string', jsonPath: '.spec.issuerRef.name' },
    { name: 'Client-ID', type: 'string', jsonPath: '.status.clientID', wide: true },
    ...stateColumns,
    ageColumn,
  ],
  conditions: ['Ready', 'Allowed', 'Registered', 'CredentialsReady', 'InSync', 'Stalled'],
  spec: withValidation(fixedAdoption, {
    rule: '!has(oldSelf.clientID) || (has(self.clientID) && self.clientID == oldSelf.clientID)',
    message: 'spec.clientID cannot be changed or removed; create another OAuthClient',
  }),
  status,
});

export type OAuthClient = ObjectOf<typeof oauthClientKind>;

/** The tenant of a client in its status. */
export type TenantStatus = DeepReadonly<z.output<typeof tenant>>;
