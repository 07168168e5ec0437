import { request as send } from 'node:https';
import type { Stage } from './stage.ts';

/** Sends something to a stage's issuer. */
export const postTo = (
  { issuerURL, caBundle: ca }: Pick<Stage, 'issuerURL' | 'caBundle'>,
  path: string,
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
): Promise<{ readonly status: number; readonly json: unknown }> =>
  new Promise((resolve, reject) => {
    send(issuerURL + path, { method: 'POST', ca, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as unknown }),
      );
    })
      .on('error', reject)
      .end(body);
  });
