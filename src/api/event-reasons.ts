/** Reasons of events beside those of conditions: what was done, of which no condition speaks. The only source of their part of docs/reference/events.md. */
export const eventReasons = {
  RegistrationChanged:
    'The issuer was told to change the client: the spec or its ceiling is another one, its credential is being rotated, or somebody changed it there, which `Drifted` tells before.',
  CredentialRotated:
    'The client has a new credential. The former one stays valid until its consumers have had the time to read the new one.',
  CredentialRetired:
    'The former credential is worth nothing any more once the issuer was told, which is next.',
  TokensRevoked: 'The issuer has ended all tokens that the client had until then.',
  SecretRemoved:
    'A Secret of ours was removed, with the token or the credential that was in it; the note says why.',
  ClientsLost:
    'The issuer does not know a client any more that it should hold, as after a restart of it without what it kept. The others are looked at as well; those that are gone are registered anew where that makes no second client.',
  Deregistered: 'The client was deleted at its issuer.',
  Released:
    'The object was let go by the annotation grantor.dev/release: the issuer may still hold the client, with all that it had.',
} as const;

export type EventReason = keyof typeof eventReasons;
