import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import {
  type EmbeddedIssuerOptions,
  type RunningIssuer,
  startEmbeddedIssuer,
} from '../../src/embedded-issuer/start-embedded-issuer.ts';
import { systemClock } from '../../src/std/clock.ts';
import { systemRng } from '../../src/std/rng.ts';
import { Secret } from '../../src/std/secret.ts';
import { type CertificateFiles, issueLoopbackCertificate } from '../cluster/certificates.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export const initialAccessToken = 'a-made-up-dcr-credential-for-tests';

/** A real issuer on loopback, with a client to talk to it. */
export class IssuerFixture {
  readonly directory = mkdtempSync(join(tmpdir(), 'grantor-issuer-'));
  readonly lines: Array<{
    readonly level: string;
    readonly fields: Record<string, unknown>;
    readonly message: string;
  }> = [];
  certificate!: CertificateFiles;
  running!: RunningIssuer;
  #agent!: Agent;

  static async start(
    options:
      | Partial<EmbeddedIssuerOptions>
      | ((certificate: CertificateFiles) => Promise<Partial<EmbeddedIssuerOptions>>) = {},
  ) {
    const fixture = new IssuerFixture();
    fixture.certificate = await issueLoopbackCertificate(join(fixture.directory, 'tls'));
    // Some tests call the issuer by a name that is not its own.
    fixture.#agent = new Agent({
      connect: { ca: readFileSync(fixture.certificate.caFile, 'utf8'), checkServerIdentity: () => undefined },
    });
    await fixture.startIssuer(typeof options === 'function' ? await options(fixture.certificate) : options);
    return fixture;
  }

  async startIssuer(options: Partial<EmbeddedIssuerOptions> = {}): Promise<void> {
    this.running = await startEmbeddedIssuer({
      host: '127.0.0.1',
      port: 0,
      tls: this.certificate,
      stateFile: join(this.directory, 'state.db'),
      initialAccessToken: new Secret(initialAccessToken),
      trustedClusters: [],
      log: {
        info: (fields, message) => void this.lines.push({ level: 'info', fields: { ...fields }, message }),
        warn: (fields, message) => void this.lines.push({ level: 'warn', fields: { ...fields }, message }),
        error: (fields, message) => void this.lines.push({ level: 'error', fields: { ...fields }, message }),
      },
      clock: systemClock,
      rng: systemRng,
      ...options,
    });
  }

  /** Stops the issuer and starts it again with the same state and address. */
  async restart(options: Partial<EmbeddedIssuerOptions> = {}): Promise<void> {
    const { port } = this.running;
    await this.running.stop();
    await this.startIssuer({ port, ...options });
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.#agent.close();
    rmSync(this.directory, { recursive: true });
  }

  async send(
    method: string,
    path: string,
    { body, ...headers }: { readonly body?: string } & Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const url = path.startsWith('https:') ? path : `${this.running.url}${path}`;
    const response = await request(url, {
      method: method as 'GET',
      headers,
      body: body ?? null,
      dispatcher: this.#agent,
    });
    const text = await response.body.text();
    const isJSON = String(response.headers['content-type']).includes('json');
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      json: isJSON && text !== '' ? JSON.parse(text) : {},
    };
  }

  form(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const body = new URLSearchParams(fields).toString();
    return this.send('POST', path, { 'content-type': 'application/x-www-form-urlencoded', ...headers, body });
  }

  register(metadata: object, token = initialAccessToken) {
    return this.send('POST', '/register', {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      body: JSON.stringify(metadata),
    });
  }

  /** Reads, replaces or deletes a registration as its answer says. */
  manage(method: 'GET' | 'PUT' | 'DELETE', registered: Answer, metadata?: object, suffix = '') {
    const { registration_client_uri: uri, registration_access_token: token } = registered.json;
    return this.send(method, `${String(uri)}${suffix}`, {
      authorization: `Bearer ${String(token)}`,
      ...(metadata === undefined
        ? {}
        : { 'content-type': 'application/json', body: JSON.stringify(metadata) }),
    });
  }

  /** A request of a client that logs in with its secret. */
  asClient(path: string, registered: Answer, fields: Readonly<Record<string, string>>) {
    const { client_id, client_secret } = registered.json;
    return this.form(path, { client_id: String(client_id), client_secret: String(client_secret), ...fields });
  }

  token(registered: Answer, fields: Readonly<Record<string, string>> = {}) {
    return this.asClient('/token', registered, { grant_type: 'client_credentials', ...fields });
  }

  async isActive(registered: Answer, token: string): Promise<boolean> {
    return (await this.asClient('/introspect', registered, { token })).json['active'] === true;
  }
}

/** Registration metadata of a client with a secret; `grantor` and other members on top. */
export function aRegistration(grantor: object = {}, members: object = {}) {
  return {
    client_name: 'billing',
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'invoices.read invoices.write',
    grantor: {
      tenantID: 'acme',
      roles: ['biller'],
      audiences: ['https://api.acme.example'],
      accessTokenLifetime: 600,
      ...grantor,
    },
    ...members,
  };
}
