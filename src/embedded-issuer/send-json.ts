import type { ServerResponse } from 'node:http';

type Headers = Readonly<Record<string, string>>;

/** Answers with JSON that nobody may keep. */
export function sendJSON(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Headers = {},
): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

/** An error as RFC 6749 section 5.2 writes it. */
export interface OAuthError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly headers?: Headers;
}

/** Answers with an error. */
export function sendError(
  response: ServerResponse,
  { status, error, description, headers }: OAuthError,
): void {
  sendJSON(response, status, { error, error_description: description }, headers);
}
