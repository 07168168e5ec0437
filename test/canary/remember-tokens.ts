import type { IssuerProxy } from '../stage/issuer-proxy.ts';
import { remember } from './remember.ts';

/** What runs in containers has nobody who records its secrets: they are what came and went at the issuer. */
export function rememberTokens({ requests, issued }: Pick<IssuerProxy, 'requests' | 'issued'>): void {
  for (const token of issued) remember(token);
  for (const { body } of requests) {
    const fields = new URLSearchParams(body);
    for (const name of ['client_assertion', 'assertion', 'subject_token']) remember(fields.get(name));
  }
}
