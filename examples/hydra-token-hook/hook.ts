// A token hook for Ory Hydra that does what an OAuthIssuer says by `tokenHook: [TenantClaims, BoundAssertions]`. Run it beside Hydra, in its pod:
//   HYDRA_ADMIN=http://127.0.0.1:4445 node hook.ts 4446      and in Hydra's configuration: oauth2.token_hook: http://127.0.0.1:4446
// Hydra waits for it with each token: while it is away there are none.
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

interface Question {
  readonly session: { readonly id_token: { readonly subject: string } };
  readonly request: {
    readonly client_id: string;
    readonly payload: { readonly assertion?: readonly string[] };
  };
}

/** What Grantor leaves with a client. */
interface Grantor {
  readonly tenantID: string;
  readonly roles: readonly string[];
  readonly workload?: { readonly issuer: string; readonly subject: string; readonly uid: string };
}

/** Starts the hook on loopback; `adminURL` is Hydra's admin API. */
export function startHook(adminURL: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    void text(request)
      .then(async (body) => answerTo(JSON.parse(body) as Question, adminURL))
      .then(
        ([status, answer]) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(answer === undefined ? undefined : JSON.stringify(answer));
        },
        // Hydra gives no token then.
        () => response.writeHead(500).end(),
      );
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

async function answerTo(
  { session, request }: Question,
  adminURL: string,
): Promise<readonly [status: number, answer?: object]> {
  const found = await fetch(`${adminURL}/admin/clients/${encodeURIComponent(request.client_id)}`);
  if (!found.ok) throw new Error(`Hydra answered ${found.status}`);
  const client = (await found.json()) as { readonly metadata?: { readonly grantor?: Grantor } };
  const grantor = client.metadata?.grantor;
  const [assertion] = request.payload.assertion ?? [];
  if (assertion !== undefined) {
    // Hydra has verified it. It is for the one client that is registered for its workload, and no other's.
    const { iss, 'kubernetes.io': bound } = claimsIn(assertion);
    const workload = grantor?.workload;
    if (workload?.issuer !== iss || workload?.subject !== session.id_token.subject) return [403];
    // A ServiceAccount that was deleted and made anew is another one.
    if (workload.uid !== bound?.serviceaccount?.uid) return [403];
  }
  if (grantor === undefined) return [204];
  return [200, { session: { access_token: { tenant_id: grantor.tenantID, roles: grantor.roles } } }];
}

interface Claims {
  readonly iss?: string;
  readonly 'kubernetes.io'?: { readonly serviceaccount?: { readonly uid?: string } };
}

const claimsIn = (jwt: string): Claims =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as Claims;

if (import.meta.main) {
  await startHook(process.env['HYDRA_ADMIN'] ?? 'http://127.0.0.1:4445', Number(process.argv[2] ?? '4446'));
}
