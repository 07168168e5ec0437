import { expect } from 'vitest';
import { type FakeCluster, startFakeCluster } from './fake-cluster.ts';
import { type Answer, aRegistration, IssuerFixture } from './issuer-fixture.ts';

export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const tokenExchange = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const jwt = 'urn:ietf:params:oauth:token-type:jwt';

export type Way = 'ClientAssertion' | 'JWTBearer' | 'TokenExchange';
export const ways: readonly Way[] = ['ClientAssertion', 'JWTBearer', 'TokenExchange'];
export type Fields = Readonly<Record<string, string>>;

/** What a client is registered with that shows its ServiceAccount token in this way. */
export const registration: Readonly<Record<Way, object>> = {
  ClientAssertion: { token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] },
  JWTBearer: { token_endpoint_auth_method: 'none', grant_types: [jwtBearer] },
  TokenExchange: { token_endpoint_auth_method: 'none', grant_types: [tokenExchange] },
};

/** What it sends then. */
export const form: Readonly<Record<Way, (token: string) => Fields>> = {
  ClientAssertion: (client_assertion) => ({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion,
  }),
  JWTBearer: (assertion) => ({ grant_type: jwtBearer, assertion }),
  TokenExchange: (subject_token) => ({
    grant_type: tokenExchange,
    subject_token,
    subject_token_type: jwt,
  }),
};

const clusterIssuer = 'https://kubernetes.default.svc.cluster.local';

export const workloadOf = (name: string) => ({
  issuer: clusterIssuer,
  subject: `system:serviceaccount:acme-prod:${name.toLowerCase()}`,
  uid: `uid-of-${name}`,
});

/** An issuer that trusts a cluster, with one client for each way, whose workload has the name of the way. */
export class FederationFixture {
  cluster!: FakeCluster;
  issuer!: IssuerFixture;
  clients!: Readonly<Record<Way, Answer>>;

  static async start(): Promise<FederationFixture> {
    const fixture = new FederationFixture();
    fixture.issuer = await IssuerFixture.start(async (certificate) => {
      fixture.cluster = await startFakeCluster(clusterIssuer, certificate);
      return { trustedClusters: [fixture.cluster.trust] };
    });
    fixture.clients = {
      ClientAssertion: await fixture.register('ClientAssertion'),
      JWTBearer: await fixture.register('JWTBearer'),
      TokenExchange: await fixture.register('TokenExchange'),
    };
    return fixture;
  }

  async stop(): Promise<void> {
    await this.issuer.stop();
    await this.cluster.close();
  }

  async register(way: Way, name: string = way, members: object = {}): Promise<Answer> {
    const client = await this.issuer.register(
      aRegistration({ workload: workloadOf(name) }, { ...registration[way], ...members }),
    );
    expect(client.status).toBe(201);
    return client;
  }

  /** A ServiceAccount token of this workload. */
  tokenOf(name: string, claims: object = {}, how?: 'forged' | 'unsecured' | 'PS256'): Promise<string> {
    const { subject, uid } = workloadOf(name);
    const aud = [this.issuer.running.url];
    const workload = { sub: subject, aud, 'kubernetes.io': { serviceaccount: { uid } } };
    return this.cluster.token({ ...workload, ...claims }, how);
  }

  /** A token request of a client, in this way. */
  ask(way: Way, client: Answer, token: string, fields: Fields = {}, headers: Fields = {}): Promise<Answer> {
    const client_id = String(client.json['client_id']);
    return this.issuer.form('/token', { client_id, ...form[way](token), ...fields }, headers);
  }
}

/** The error of a request that must not have been granted. */
export function errorOf({ status, json }: Answer): string {
  expect(json).not.toHaveProperty('access_token');
  expect(status).toBeGreaterThanOrEqual(400);
  return String(json['error']);
}
