import type { OAuthClient } from '../api/oauth-client.ts';
import type { TenantScope } from '../api/tenant-scope.ts';
import { type Duration, milliseconds, minutes } from '../std/duration.ts';

/** For clients that do not say how long their tokens are to live. */
const usual = minutes(10);

/** How long the tokens of a client are to live: as its spec says, otherwise ten minutes, or less where its tenant allows no more. */
export const accessTokenLifetime = (
  { spec }: Pick<OAuthClient, 'spec'>,
  scope: TenantScope | undefined,
): Duration =>
  spec.accessTokenLifetime ?? milliseconds(Math.min(usual, scope?.spec.tokens.maxLifetime ?? usual));
