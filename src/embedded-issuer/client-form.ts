import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import { asStoredToken } from './access-tokens.ts';
import type { WorkloadLogin } from './workload-login.ts';
import type { LoginRefusal } from './workload-token.ts';

/**
 * The form of a token, introspection or revocation request as oidc-provider can take it: a ServiceAccount token replaced by the
 * assertion that stands in for it, an access token in the form in which it is found. Everything else stays as it is.
 */
export async function clientForm(body: Buffer, login: WorkloadLogin): Promise<Result<Buffer, LoginRefusal>> {
  const form = new URLSearchParams(body.toString('utf8'));
  const assertion = new Secret(onlyValue(form, 'client_assertion') ?? '');
  if (login.concerns(assertion)) {
    const standIn = await login.standIn(assertion);
    if (!standIn.ok) return err(standIn.error);
    form.set('client_assertion', standIn.value.reveal());
  }
  const token = onlyValue(form, 'token');
  if (token !== undefined) form.set('token', asStoredToken(token));
  return ok(Buffer.from(form.toString()));
}

/** The value of a field that is there once; one that is repeated is left for oidc-provider to refuse. */
function onlyValue(form: URLSearchParams, name: string): string | undefined {
  const values = form.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
