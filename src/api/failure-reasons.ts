/** How the remedy of what passes by itself begins. */
export const waits = 'Wait: it is tried again by itself.';

/** The end of the catalogue in reasons.ts: what was allowed and went wrong all the same. */
export const failureReasons = {
  // ---- failed at the issuer
  IssuerUnavailable: {
    summary: 'The issuer gave no usable answer.',
    action: `${waits} If it lasts, the message says whether it is the name (DNS), the connection (does the issuer run, does a NetworkPolicy or the proxy let Grantor through?), the certificate (spec.tls.caBundleRef of the OAuthIssuer) or an answer of the issuer's own trouble.`,
  },
  IssuerThrottled: {
    summary: 'The issuer, or our own limit for it, asks to wait.',
    action: `${waits} If it lasts, raise spec.limits of the OAuthIssuer where the issuer can bear it, or lengthen the life of tokens.`,
  },
  IssuerMisbehaved: {
    summary: 'The issuer answered something that the protocol does not allow.',
    action:
      'Check spec.issuer and what answers at that address: a proxy or a login page is a frequent cause. The message has what was wrong with the answer.',
  },
  IssuerRejected: {
    summary: 'The issuer refused the request.',
    action:
      'The message carries the error of the issuer. Correct the object that it speaks of, or what the issuer allows; its own log often says more.',
  },
  IssuerLoginFailed: {
    summary: "The issuer did not accept Grantor's own login, or lets it do less than it has to.",
    action:
      'See the message for what is missing: check spec.login of the OAuthIssuer, and give its client the role that the page of the issuer names.',
  },
  IssuerUnauthorized: {
    summary: 'The issuer did not accept the credential.',
    action: 'Check the initial access token of the OAuthIssuer, or that the issuer trusts this cluster.',
  },
  IssuerConfigInvalid: {
    summary:
      'The identifier of the OAuthIssuer is no URL, or a ConfigMap that it names is missing or unusable.',
    action:
      "Create the ConfigMap in Grantor's own namespace with the key that the message names; for another identifier create another OAuthIssuer.",
  },
  RegistrationUncertain: {
    summary:
      'It is not known whether the issuer made a client: the program stopped in between, and the issuer cannot be asked.',
    action:
      'Look for the client at the issuer and delete it there, then delete the registration Secret that the message names.',
  },
  RegistrationLost: {
    summary: 'The issuer does not know the client any more.',
    action:
      'Nothing where the issuer finds clients by their software_id: the client is registered again. Elsewhere create the OAuthClient anew.',
  },
  DisableUnsupported: {
    summary:
      'The client is not allowed any more, and may go on obtaining tokens at its issuer all the same: the issuer holds nobody to audiences, roles and lifetime, or somebody else registered the client there.',
    action:
      'Disable the client at the issuer by hand, and enable it there again once it is allowed. It is never deleted for this.',
  },
  ManagementUnsupported: {
    summary:
      'The issuer gave no means (RFC 7592) to change or delete the client, or its OAuthIssuer has the static driver now.',
    action:
      'Delete the client at the issuer by hand, then the OAuthClient, and have a platform admin annotate that with grantor.dev/release=true.',
  },
  Deregistering: {
    summary: 'The registration is being deleted at the issuer.',
    action: `${waits} If the issuer is gone for good, delete the client there by other means and have a platform admin annotate the OAuthClient with grantor.dev/release=true.`,
  },

  // ---- failed on the way to the workload
  TokenUnverifiable: {
    summary:
      "The token is no JWT signed with the issuer's keys, and no introspection (RFC 7662) vouches for it as an active one.",
    action:
      'Have the issuer give JWT access tokens for this audience, let the client introspect its own tokens, or have tokens.verification of the TenantScope changed.',
  },
  TokenRefused: {
    summary: 'The token is not what was asked for or exceeds the ceiling; it was not delivered.',
    action:
      'The message has what was asked for and what came. Correct the client at the issuer (mappers, default scopes, audiences), or have the ceiling of the TenantScope extended if the token is as it should be.',
  },
  ClockSkew: {
    summary: 'By the clock here the token is expired or not yet valid.',
    action:
      'Set the clocks of the issuer and of the nodes right (NTP). Half a minute of difference is tolerated.',
  },
  TokenExpired: {
    summary: 'The delivered token has expired and could not be renewed.',
    action:
      'See the condition Issued of the same binding: its reason says what stands in the way of a new token, and its remedy is the one to follow.',
  },
  TokenRequestFailed: {
    summary: 'There is no ServiceAccount token to log in with.',
    action:
      "The message says why. If it is the API server's, the ServiceAccount is gone, the audience is not installed, or the controller has no right on serviceaccounts/token in this namespace. If it is about Grantor's own login, add the audience to the chart's value audiences.",
  },
  SecretConflict: {
    summary: 'A Secret of this name exists that is not ours.',
    action: 'Delete that Secret, or name another one. It is never overwritten.',
  },
  SecretTampered: {
    summary: 'Somebody else changed the data of the Secret. It was removed, and is made anew after a moment.',
    action:
      'Find out who did it: managedFields and the audit log of the API server name them. Nobody but Grantor writes to this Secret.',
  },
  SecretWriteFailed: {
    summary: 'The API server did not take the Secret.',
    action: `${waits} If it lasts, the message is the API server's: a quota of the namespace, an admission policy of the cluster, or the controller's right on Secrets there.`,
  },
} as const;
