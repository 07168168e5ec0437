import { revokeAnnotation } from '../../api/metadata.ts';
import { type OAuthClient, oauthClientKind } from '../../api/oauth-client.ts';
import { formatInstant, type Instant, instantIn } from '../../std/instant.ts';
import { ok, type Result } from '../../std/result.ts';
import { annotate } from '../annotate.ts';
import type { Stage } from '../await-state.ts';
import type { Complaint } from '../complaint.ts';
import { conditionOf } from '../health.ts';
import { serverTime } from '../server-time.ts';
import type { Session } from '../session.ts';

/** Asks for the end of all tokens that the client has by now. Answers with that time, by the API server's clock: the controller's is near it. */
export async function askForRevocation(
  session: Session,
  { metadata }: OAuthClient,
): Promise<Result<Instant, Complaint>> {
  const told = await serverTime(session);
  if (!told.ok) return told;
  const at = told.value ?? session.clock.now();
  const annotated = await annotate(session, oauthClientKind, metadata, {
    [revokeAnnotation]: formatInstant(at),
  });
  return annotated.ok ? ok(at) : annotated;
}

/** How far that is. */
export function revocationStage(client: OAuthClient, asked: Instant): Stage {
  const { tokensRevokedAt, tenant } = client.status ?? {};
  const at = instantIn(tokensRevokedAt);
  if (at !== undefined && at >= asked) {
    const longest = tenant === undefined ? '' : `, for at most ${tenant.maxLifetime}`;
    return {
      kind: 'done',
      text: `all tokens from before ${tokensRevokedAt} are revoked, and bindings get others; validators that do not ask the issuer may still accept them${longest}`,
    };
  }
  const registered = conditionOf(client, 'Registered');
  return {
    kind: 'waiting',
    text:
      registered?.status === 'False'
        ? registered.message
        : 'the issuer has not ended them; one that cannot end all tokens of a client is not asked (RevokeAll in the capabilities of the OAuthIssuer)',
  };
}
