// The bare loop of a withdrawal: for each binding what it is told (PATCH of the status) and DELETE of its Secret, 32 in flight; beside it for each
// client PUT and DELETE of its tokens at the issuer, 16 in flight. In the end it prints how many seconds passed until the last Secret was gone.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { fieldManager } from '../../src/delivery/other-hands.ts';
import { inFlight } from '../../test/stage/in-flight.ts';
import { openBareApi } from './api.ts';

/** What the loop has to do; the file that is its only argument. */
export interface BareWithdrawals {
  readonly server: string;
  readonly pod: string;
  readonly caFile: string;
  /** How often the status of each binding is written. */
  readonly statuses: number;
  readonly bindings: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly secret: string;
  }[];
  readonly registrations: readonly { readonly uri: string; readonly token: string }[];
}

const input = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BareWithdrawals;
const { server, pod, caFile, statuses, bindings, registrations } = input;
const api = openBareApi(server, pod, 32);
const dispatcher = new Agent({ connections: 16, connect: { ca: readFileSync(caFile, 'utf8') } });

const send = async (method: 'GET' | 'PUT' | 'DELETE', uri: string, token: string, body?: object) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await request(uri, { method, dispatcher, headers, ...sent });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${method} ${uri}: ${answer.statusCode} ${text}`);
  return text;
};
/** What the issuer says of a client, without what it alone may say. */
const metadataOf = async ({ uri, token }: BareWithdrawals['registrations'][number]) => {
  const all = JSON.parse(await send('GET', uri, token)) as Record<string, unknown>;
  const ofTheIssuer = ['registration_access_token', 'registration_client_uri', 'client_id_issued_at'];
  return Object.fromEntries(Object.entries(all).filter(([member]) => !ofTheIssuer.includes(member)));
};
const known = new Map<string, object>();
await inFlight(16, registrations, async (one) => void known.set(one.uri, await metadataOf(one)));

const statusOf = (name: string, round: number) => ({
  apiVersion: 'grantor.dev/v1alpha1',
  kind: 'WorkloadIdentityBinding',
  metadata: { name },
  status: { observedGeneration: 1000 + round },
});
const started = performance.now();
let gone = started;
await Promise.all([
  inFlight(32, bindings, async ({ namespace, name, secret }) => {
    const binding = `/apis/grantor.dev/v1alpha1/namespaces/${namespace}/workloadidentitybindings/${name}`;
    const path = `${binding}/status?fieldManager=${fieldManager}&force=true`;
    for (let round = 0; round < statuses; round++)
      await api.send(
        'PATCH',
        path,
        statusOf(name, round),
        'application/json',
        'application/apply-patch+yaml',
      );
    await api.send('DELETE', `/api/v1/namespaces/${namespace}/secrets/${secret}`);
    gone = performance.now();
  }),
  inFlight(16, registrations, async ({ uri, token }) => {
    await send('PUT', uri, token, known.get(uri));
    await send('DELETE', `${uri}/tokens`, token);
  }),
]);
console.log((gone - started) / 1000);
process.exit(0);
