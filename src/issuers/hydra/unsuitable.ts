import type { DesiredClient } from '../../domain/desired-client.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { failure } from '../classify.ts';
import type { TokenHook } from './capabilities.ts';

/** What a client asks for that Hydra cannot do, or would only seem to do: it registers much that it does not understand. */
export function unsuitable(
  client: DesiredClient,
  { trustsWorkloads, tokenHook }: { readonly trustsWorkloads: boolean; readonly tokenHook: TokenHook },
): IssuerFailure | undefined {
  const { authentication, audiences, grantTypes, proofOfPossession, roles } = client;
  const isFederated = authentication.method === 'Federated';
  const isWithdrawn = audiences.length === 0;
  const problems: Readonly<Record<string, boolean>> = {
    'a token of Hydra cannot be bound to a key': proofOfPossession !== 'None',
    'roles do not come into tokens without a token hook':
      roles.length > 0 && !tokenHook.includes('TenantClaims'),
    'Hydra knows one secret of a client at a time':
      authentication.method === 'Secret' && authentication.secrets.length > 1,
    'Hydra looks at no certificates of clients': authentication.method === 'MutualTLS',
    'Hydra takes a ServiceAccount token as a grant only, and is to take none':
      isFederated && !isWithdrawn && !trustsWorkloads,
    'Hydra takes a ServiceAccount token as a grant only': isFederated && authentication.by !== 'JWTBearer',
    'a client that logs in with its ServiceAccount is a public one at Hydra, which gets no authorization code':
      isFederated && !isWithdrawn && grantTypes.includes('AuthorizationCode'),
  };
  const problem = Object.keys(problems).find((sentence) => problems[sentence]);
  return problem === undefined
    ? undefined
    : failure('rejected', 'registration', problem, 'invalid_client_metadata');
}
