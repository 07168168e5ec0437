import { revokeAnnotation } from '../api/metadata.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import { type Instant, instantIn } from '../std/instant.ts';
import type { RegistrationRecord } from './registration-record.ts';

/**
 * The time before which all tokens of a client are to be ended, where somebody asks for that and it was not done since. An admission policy
 * lets nothing into the annotation that is no time. Time tells what was answered: nothing else has to be remembered.
 */
export function revocationRequest(
  { metadata }: Pick<OAuthClient, 'metadata'>,
  { tokensRevokedAt }: Pick<RegistrationRecord, 'tokensRevokedAt'>,
): Instant | undefined {
  const asked = instantIn(metadata.annotations?.[revokeAnnotation]);
  const isAnswered = asked !== undefined && tokensRevokedAt !== undefined && tokensRevokedAt >= asked;
  return isAnswered ? undefined : asked;
}
