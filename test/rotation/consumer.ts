import type { ClientAuthentication, IssuerDriver } from '../../src/ports/issuer-driver.ts';
import { Secret } from '../../src/std/secret.ts';
import type { MountedSecret, Values } from './mounted-secret.ts';

/** What an application does that needs tokens: it reads its credential from the file each time, and asks. */
export class Consumer {
  readonly #driver: IssuerDriver;
  readonly #wanted: { readonly scopes: readonly string[]; readonly audience: string };
  /** What the issuer said no to. */
  readonly failures: string[] = [];
  /** Requests to which it gave no answer, such as Hydra's 500 now and then, whatever the credential: an application asks again. */
  unanswered = 0;
  tokens = 0;
  /** The longest time between two requests that were answered with a token, in milliseconds. */
  longestGap = 0;
  #lastSuccess = performance.now();

  constructor(driver: IssuerDriver, wanted: Consumer['wanted']) {
    this.#driver = driver;
    this.#wanted = wanted;
  }

  get wanted() {
    return this.#wanted;
  }

  /** Asks for a token every 100 ms, whatever became of the ones before, until it is told to stop; then waits for the last. */
  follow(mount: MountedSecret): () => Promise<void> {
    const underWay = new Set<Promise<void>>();
    const timer = setInterval(() => {
      // An issuer that has no answers for its last requests gets no more of them.
      if (underWay.size >= 8) return;
      const request = this.#fetch(mount.read()).finally(() => underWay.delete(request));
      underWay.add(request);
    }, 100);
    this.#lastSuccess = performance.now();
    return async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    };
  }

  /** Whether the issuer lets in what was found; what it says, where it does not. */
  async tries(values: Values): Promise<true | string> {
    const answer = await this.#driver.requestToken(
      { clientID: values['client_id'] ?? '', authentication: loginWith(values), ...this.#wanted },
      { signal: new AbortController().signal, correlationID: 'consumer', tenantID: 'acme' },
    );
    return answer.ok || `${answer.error.kind}: ${answer.error.detail}`;
  }

  async #fetch(values: Values | undefined): Promise<void> {
    const answer = values === undefined ? 'there is no credential' : await this.tries(values);
    if (answer !== true) {
      if (answer.startsWith('unavailable')) this.unanswered++;
      else this.failures.push(answer);
      return;
    }
    this.tokens++;
    const now = performance.now();
    this.longestGap = Math.max(this.longestGap, now - this.#lastSuccess);
    this.#lastSuccess = now;
  }
}

/** How an application logs in with what is in the Secret. */
function loginWith(values: Values): ClientAuthentication {
  const { 'private_key.jwk': key, 'tls.crt': certificate, 'tls.key': privateKey = '' } = values;
  if (certificate !== undefined)
    return { method: 'MutualTLS', certificate: { certificate, privateKey: new Secret(privateKey) } };
  return key === undefined
    ? { method: 'Secret', clientSecret: new Secret(values['client_secret'] ?? '') }
    : { method: 'PrivateKey', privateKey: new Secret(JSON.parse(key) as Record<string, string>) };
}
