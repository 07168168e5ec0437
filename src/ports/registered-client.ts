import type { Registration } from '../domain/registration-record.ts';
import type { Secret } from '../std/secret.ts';

/** The issuer's answer to a registration or an update of one. Each may bring new credentials. */
export interface RegisteredClient extends Registration {
  readonly clientSecret?: Secret;
}
