import { err, ok, type Result } from '../std/result.ts';

const limits = { scopes: 64, length: 4096 } as const;

/** `scope-token` of RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Reads a `scope` of RFC 6749 section 3.3. Any token is as good as another here: the registration says which are a client's. */
export function parseScopeList(input: unknown): Result<ReadonlySet<string>, string> {
  if (input === undefined) return ok(new Set());
  if (typeof input !== 'string' || input.length > limits.length) {
    return err(`scope must be a string of at most ${limits.length} characters`);
  }
  const scopes = new Set(input.split(' '));
  if (scopes.size > limits.scopes) return err(`scope must have at most ${limits.scopes} values`);
  for (const scope of scopes) {
    if (!scopeToken.test(scope))
      return err('scope must be values of RFC 6749 section 3.3 with one space between');
  }
  return ok(scopes);
}
