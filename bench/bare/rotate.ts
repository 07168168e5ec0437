// The bare loop of a rotation: TokenRequest (one for each ServiceAccount), token request, PUT of the Secret, 32 in flight, and nothing else.
// In the end it prints the seconds of CPU that this took it.
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { fieldManager } from '../../src/delivery/other-hands.ts';
import { inFlight } from '../../test/stage/in-flight.ts';
import { openBareApi } from './api.ts';

/** What the loop has to do; the file that is its only argument. */
export interface BareRotations {
  readonly server: string;
  readonly pod: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly caFile: string;
  readonly scope: string;
  readonly audience: string;
  readonly rotations: readonly BareRotation[];
}

export interface BareRotation {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly clientID: string;
  /** As it is to be stored, but for its token. */
  readonly secret: {
    readonly metadata: { readonly name: string };
    readonly data: Readonly<Record<string, string>>;
  };
}

const input = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as BareRotations;
const { server, pod, issuer, tokenEndpoint, caFile, scope, audience, rotations } = input;
const api = openBareApi(server, pod, 32);
const issuers = new Agent({
  connections: 256,
  allowH2: false,
  connect: { ca: readFileSync(caFile, 'utf8') },
});
const assertions = new Map<string, Promise<string>>();

const requestAssertion = async (namespace: string, name: string): Promise<string> => {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const spec = { audiences: [issuer], expirationSeconds: 600 };
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
  return ((await api.send('POST', path, body)) as { readonly status: { readonly token: string } }).status
    .token;
};

const requestToken = async (clientID: string, assertion: string): Promise<string> => {
  const response = await request(tokenEndpoint, {
    method: 'POST',
    dispatcher: issuers,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientID,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      resource: audience,
      scope,
    }).toString(),
  });
  const answer = (await response.body.json()) as { readonly access_token?: string };
  if (answer.access_token === undefined) throw new Error(JSON.stringify(answer));
  return answer.access_token;
};

const before = process.cpuUsage();
await inFlight(32, rotations, async ({ namespace, serviceAccount, clientID, secret }) => {
  const account = `${namespace}/${serviceAccount}`;
  const assertion = assertions.get(account) ?? requestAssertion(namespace, serviceAccount);
  assertions.set(account, assertion);
  const token = await requestToken(clientID, await assertion);
  const data = { ...secret.data, token: Buffer.from(token).toString('base64') };
  // Under the controller's name: what another wrote it would take away.
  const path = `/api/v1/namespaces/${namespace}/secrets/${secret.metadata.name}?fieldManager=${fieldManager}`;
  await api.send('PUT', path, { ...secret, data });
});
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1e6);
process.exit(0);
