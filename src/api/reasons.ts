import { failureReasons, waits } from './failure-reasons.ts';

/** What a reason of a condition means and what the reader should do. The only source of docs/reference/conditions-and-reasons.md. */
export interface ReasonDoc {
  readonly summary: string;
  readonly action: string;
}

const nothing = 'Nothing: this is how it should be.';

/** Every reason that a condition of ours can carry. */
export const reasons = {
  // ---- all is well
  Ready: { summary: 'Everything that was asked for is in place.', action: nothing },
  Allowed: { summary: 'The TenantScope allows everything that is asked for.', action: nothing },
  Registered: { summary: 'The issuer holds the registration as it is wanted.', action: nothing },
  InSync: { summary: 'The issuer holds what the spec says.', action: nothing },
  NoCredentials: {
    summary: 'The client logs in with its ServiceAccount; there is no credential to keep.',
    action: nothing,
  },
  CredentialsWritten: { summary: 'The credentials are in the Secret that is named.', action: nothing },
  StaleConsumers: {
    summary:
      'The credentials are in the Secret that is named. The former ones are still valid at the issuer, longer than they should be, because pods may have them in an environment variable.',
    action:
      'Restart the pods that the message names, or read the credential from a volume. With onStaleConsumers: Retire nobody is waited for beyond maxOverlap.',
  },
  TokenIssued: { summary: 'The issuer granted a token, and the token passed every check.', action: nothing },
  SecretWritten: { summary: 'The token is in the Secret that is named.', action: nothing },
  Discovered: { summary: "The issuer's metadata was read and names this issuer.", action: nothing },
  Resolved: { summary: 'The TenantScope is in force.', action: nothing },

  // ---- on the way
  Pending: {
    summary: 'Work has not come this far yet.',
    action: `${waits} If it lasts, see the other conditions, then whether the controller runs: kubectl get pods -n grantor-system.`,
  },
  IssuerNotReady: {
    summary: 'The OAuthIssuer is not Ready.',
    action:
      'See why: kubectl describe oiss with the name in spec.issuerRef. It goes on by itself when that is Ready.',
  },
  ClientNotReady: {
    summary: 'The OAuthClient has no registration yet.',
    action:
      'See why: kubectl describe oac with the name in spec.clientRef. It goes on by itself when that is Registered.',
  },

  // ---- not as it is wanted
  Drifted: {
    summary: 'The issuer holds something else than the spec says, in the respects that the message names.',
    action:
      'With spec.management Manage nothing: it is put right; if that fails, see the condition Registered. With Observe change the spec or the client at the issuer, or let Grantor do it by Manage.',
  },
  Observed: {
    summary: 'Nothing is sent to the issuer, since spec.management is Observe.',
    action: 'Set spec.management to Manage when Grantor is to bring the client to what the spec says.',
  },
  Paused: {
    summary: 'The issuer is neither told nor asked anything, since spec.management is Paused.',
    action: 'Set spec.management to Manage, or to Observe, when the pause is over.',
  },
  CompareUnsupported: {
    summary: 'The issuer offers no way to read what it holds of this client.',
    action: 'Nothing: the client works. Whether somebody changes it at the issuer cannot be seen from here.',
  },

  ClusterKeysUnknown: {
    summary: 'The API server does not say which keys sign the ServiceAccount tokens of the cluster.',
    action:
      'Let the controller read /openid/v1/jwks, as its ClusterRole does. The issuer keeps the keys that it has.',
  },

  // ---- refused by policy; nothing was sent to the issuer
  NoTenantScope: {
    summary: 'No TenantScope selects this namespace.',
    action: 'Ask a platform admin to label the namespace or to extend a TenantScope.',
  },
  TenantScopeOverlap: {
    summary: 'Two or more TenantScopes select this namespace, so it belongs to none.',
    action: 'Make the namespaceSelectors disjoint.',
  },
  TenantIDTaken: {
    summary: 'An older TenantScope has the same tenantID; this one has no effect.',
    action: 'Delete one of the two.',
  },
  Suspended: {
    summary: 'The TenantScope is suspended: no new tokens, and delivered ones are withdrawn.',
    action: 'Set spec.suspend of the TenantScope to false when the tenant may go on.',
  },
  IssuerNotAllowed: {
    summary: 'The TenantScope does not list this issuer.',
    action:
      'Use one of the issuers that the message names, or have spec.issuerRefs of the TenantScope extended.',
  },
  GrantTypeNotAllowed: {
    summary:
      'The TenantScope does not allow a grant type that is asked for, or the OAuthClient has not the one by which bindings get tokens.',
    action:
      'Leave it out, or have spec.clients.grantTypes of the TenantScope extended; give the OAuthClient of a binding the grant type ClientCredentials.',
  },
  RedirectURINotAllowed: {
    summary: 'The TenantScope does not list the host of a redirect URI.',
    action:
      'Use one of the hosts that the message names, or have spec.clients.redirectHosts of the TenantScope extended.',
  },
  AuthenticationNotAllowed: {
    summary: 'The TenantScope does not allow this way of client authentication.',
    action:
      'Use one that the message names, or have spec.clients.authentication of the TenantScope extended.',
  },
  AdoptionNotAllowed: {
    summary: 'The TenantScope does not allow clients that somebody else registered.',
    action:
      'Remove spec.clientID, or create the OAuthClient without spec.adopt; or have spec.clients.adoption of the TenantScope set to Allowed.',
  },
  AdoptionUnsupported: {
    summary: 'The issuer has no way to take over a client that somebody else registered.',
    action:
      'Create the OAuthClient anew without spec.adopt; at an issuer with the static driver with spec.clientID instead.',
  },
  ScopeNotAllowed: {
    summary: 'A scope is above the ceiling.',
    action:
      'Ask for what the message lists, or have the TenantScope (or OAuthClient) that it names extended.',
  },
  AudienceNotAllowed: {
    summary: 'An audience is above the ceiling.',
    action:
      'Ask for what the message lists, or have the TenantScope (or OAuthClient) that it names extended.',
  },
  RoleNotAllowed: {
    summary: 'A role is above the ceiling.',
    action: 'Ask for what the message lists, or have spec.tokens.roles of the TenantScope extended.',
  },
  LifetimeNotAllowed: {
    summary: 'The token life that is asked for is longer than the TenantScope allows.',
    action: 'Shorten spec.accessTokenLifetime, or have spec.tokens.maxLifetime of the TenantScope extended.',
  },
  ProofOfPossessionRequired: {
    summary: 'The TenantScope allows only tokens that are bound to a key.',
    action:
      'Set spec.proofOfPossession of the OAuthClient to DPoP, or have spec.tokens.proofOfPossession of the TenantScope changed.',
  },
  ServiceAccountNotAllowed: {
    summary: 'The TenantScope does not select this ServiceAccount.',
    action:
      'Use a ServiceAccount with the labels that the message names, or have spec.serviceAccountSelector of the TenantScope extended.',
  },
  QuotaExceeded: {
    summary: 'The tenant has more of these objects than its TenantScope allows, and this one is too young.',
    action:
      'Delete older ones that nobody needs, or have spec.clients.max or spec.bindings.max of the TenantScope raised.',
  },
  DeliveryNotAllowed: {
    summary: 'The TenantScope does not allow this way of delivery.',
    action:
      'Deliver in a way that the TenantScope allows: leave spec.delivery of the binding out for volumes, or name a Secret; or have spec.deliveries of the TenantScope extended.',
  },
  SecretDeliveryNotInstalled: {
    summary:
      'Secret delivery is not installed in this namespace, so Grantor has no right on its Secrets: it neither writes there nor takes anything away.',
    action:
      "Mount tokens as volumes (docs/volumes.md), or have a platform admin add the namespace to the chart's value secretDelivery.namespaces and upgrade.",
  },
  IssuerNotFound: {
    summary: 'There is no such OAuthIssuer.',
    action: 'Correct spec.issuerRef, or create the OAuthIssuer.',
  },
  IssuerGoing: {
    summary:
      'The OAuthIssuer is being deleted. It stays until nothing is left at it that could be withdrawn.',
    action:
      'Delete the OAuthClients that refer to it, or create them anew at another issuer. A deletion cannot be taken back: for the same issuer wait until it is gone, and create it again.',
  },
  VolumeNeedsFederatedClient: {
    summary: 'A token for volumes alone is obtained by nodes, which hold no credentials; the client has one.',
    action:
      'Set spec.authentication of the OAuthClient to federated, or have the token put into a Secret by spec.delivery.',
  },
  VolumeNeedsReusableAssertion: {
    summary:
      'The issuer accepts each ServiceAccount token once, and the token would have to be renewed before the pod gets another one.',
    action:
      'Lengthen spec.accessTokenLifetime of the OAuthClient or raise spec.rotation.renewAtPercent (18m do with the default of 60, 14m with 75) where expirationSeconds of the audience in the CSIDriver is 600; or have the token put into a Secret by spec.delivery.',
  },
  BindingNotFound: {
    summary: 'A pod mounts a WorkloadIdentityBinding that is not in its namespace, or not any more.',
    action: 'Create it, or name another one by the volume attribute `binding`.',
  },
  PodTokenAwaited: {
    summary:
      'The kubelet has not brought a ServiceAccount token of the pod that could be shown to the issuer.',
    action:
      'Wait: it comes within a minute and a half, and where the issuer takes each only once, when the kubelet has replaced it.',
  },
  PodTokenRefused: {
    summary: 'What the kubelet brought is no ServiceAccount token of the pod.',
    action:
      'Restart the pod. If that does not help, the message says what is wrong with the token: look at the kubelet of that node, and whether its version is supported.',
  },
  VolumeWriteFailed: {
    summary: 'The token could not be put into the volume.',
    action:
      'Its memory file system may be full: 16 MiB are for all volumes of a namespace on a node. The log of `grantor node` on that node says more.',
  },
  VolumeViewStale: {
    summary:
      'A node has not heard of the API server for an hour: whether a grant still holds is not known there.',
    action:
      'See in the log of `grantor node` on that node why it does not reach the API server: network, proxy or its ServiceAccount. Tokens that are in volumes stay until they end.',
  },
  ClientNotAllowed: {
    summary: 'The OAuthClient itself is refused, and so are its bindings.',
    action:
      'See what is refused there, and its remedy: kubectl describe oac with the name in spec.clientRef.',
  },
  ClientNotFound: {
    summary: 'There is no such OAuthClient in this namespace.',
    action: 'Correct spec.clientRef, or create the OAuthClient.',
  },
  ServiceAccountNotFound: {
    summary: 'There is no such ServiceAccount in this namespace.',
    action: 'Create the ServiceAccount, or correct the name.',
  },
  ServiceAccountMismatch: {
    summary: "A federated client's tokens are for its own ServiceAccount only.",
    action: 'Name the same ServiceAccount in the binding and in the OAuthClient.',
  },
  ServiceAccountTaken: {
    summary: 'An older OAuthClient is registered for the same ServiceAccount at the same issuer.',
    action: 'Use one OAuthClient for both, or another ServiceAccount.',
  },
  SecretNameTaken: {
    summary: 'An older object writes to the Secret of this name.',
    action: 'Give each its own Secret name.',
  },
  IssuerReplaced: {
    summary: 'The client is registered at the issuer that had this name before.',
    action:
      'Delete the OAuthClient and create it anew, with the annotation grantor.dev/release of a platform admin if the old issuer is gone.',
  },
  ClientIDRequired: {
    summary: 'The issuer registers no clients, so the OAuthClient must say which one it is.',
    action: 'Set spec.clientID to the id of the client that was registered there by other means.',
  },
  ClientIDTaken: {
    summary: 'An older OAuthClient is the same client of this issuer.',
    action: 'Use one OAuthClient for it, or have another client registered at the issuer.',
  },
  ClientIDForbidden: {
    summary: 'This issuer assigns client ids itself.',
    action: 'Remove spec.clientID.',
  },
  CeilingNotEnforceable: {
    summary: 'The issuer cannot hold a registration to the ceiling of the tenant.',
    action:
      'Use an issuer that can, or have a platform admin set spec.unenforcedCeiling: Accept on the OAuthIssuer.',
  },
  ClaimUnsupported: {
    summary:
      'The issuer cannot put the roles of a client, or the claims that its tenant requires, into tokens.',
    action:
      'Use an issuer that can; remove spec.roles of the OAuthClient, or have requiredClaims removed from the TenantScope.',
  },
  AuthenticationUnsupported: {
    summary: 'The issuer does not support this way of client authentication.',
    action: 'Use another member of spec.authentication.',
  },
  RotationUnsupported: {
    summary:
      'The issuer cannot rotate the credential as the OAuthClient asks. A client that is registered goes on with the credential that it has; another one is not registered.',
    action:
      'Remove the rotation, or use another member of spec.authentication (privateKey or, best, federated), or another issuer.',
  },
  GrantTypeUnsupported: {
    summary: 'The issuer does not announce a grant type that is asked for.',
    action: 'Use another issuer, or leave the grant type out.',
  },
  ProofOfPossessionUnsupported: {
    summary: 'The issuer does not announce that it binds tokens to keys (DPoP with ES256, RFC 9449).',
    action: 'Use another issuer, or set spec.proofOfPossession to None.',
  },
  FederationDisabled: {
    summary: 'The OAuthIssuer does not accept ServiceAccount tokens.',
    action: 'Use another member of spec.authentication, or have spec.federation of the OAuthIssuer changed.',
  },
  RegistrationUnsupported: {
    summary: 'The issuer has no registration endpoint (RFC 7591).',
    action: 'Use the static driver with clients that are registered by other means.',
  },
  RotationFloorUnreachable: {
    summary: 'The token lives too briefly to be renewed with spec.rotation.minRemaining to spare.',
    action: 'Shorten spec.rotation.minRemaining, or lengthen spec.accessTokenLifetime of the OAuthClient.',
  },
  IssuerIdentifierTaken: {
    summary:
      'An older OAuthIssuer has the same issuer identifier or the same audience; this one has no effect.',
    action: 'Delete one of the two.',
  },
  AudienceReserved: {
    summary: "The audience is the API server's own: a token for it would open the cluster to the issuer.",
    action: "Choose another spec.federation.audience, normally the issuer's identifier.",
  },
  AudienceNotInstalled: {
    summary:
      'The audience of the issuer is not on the list of those that Grantor may ask ServiceAccount tokens for, so that none is asked for.',
    action:
      "Have a platform admin add the audience that the message names to the chart's value audiences and upgrade; or, if no workload is to log in by its ServiceAccount, set spec.federation.method of the OAuthIssuer to None.",
  },
  Malformed: {
    summary: 'The stored object does not have the form that this version knows.',
    action: 'Correct the field that the message names and apply the object again.',
  },

  ...failureReasons,
} as const satisfies Readonly<Record<string, ReasonDoc>>;

export type Reason = keyof typeof reasons;
