import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { Clock } from '../../std/clock.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { Secret } from '../../std/secret.ts';

/** A token of one audience, and when it ends, in seconds (RFC 7519 NumericDate). */
interface OwnToken {
  readonly token: Secret;
  readonly audience: string;
  readonly exp: number;
}

/** No ServiceAccount token comes near this. */
const longestToken = 16 * 1024;

/**
 * Tokens of the ServiceAccount that this program runs as, which the kubelet puts into a folder and renews there (a projected volume): one file for
 * each audience, whatever its name. They are read when they are used, which is rare. So no right to ask for tokens is needed.
 */
export class OwnTokens {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(folder: string, clock: Pick<Clock, 'now'>) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** The token for this audience, and for no other. Of two, the one that lives longer. */
  async assertion(audience: string): Promise<Result<Secret, ActionFailure>> {
    let tokens: readonly OwnToken[];
    try {
      tokens = await this.#read();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      return failed(`${this.#folder} cannot be read: ${code}`, 'soon');
    }
    const [best] = tokens.filter((one) => one.audience === audience).sort((a, b) => b.exp - a.exp);
    if (best === undefined)
      return failed(
        `no token in ${this.#folder} is for ${audience}: add it to the chart's value audiences`,
        'slow',
      );
    if (best.exp * 1000 <= this.#clock.now())
      return failed(`the controller's own token for ${audience} has expired and was not renewed`, 'soon');
    return ok(best.token);
  }

  async #read(): Promise<OwnToken[]> {
    // What begins with two dots is how the kubelet replaces all files at once.
    const names = (await readdir(this.#folder)).filter((name) => !name.startsWith('..'));
    const texts = await Promise.all(names.map((name) => readFile(join(this.#folder, name), 'utf8')));
    return texts.flatMap((text) => readOwnToken(text.trim()) ?? []);
  }
}

/** Reads what a token is good for: whether it is genuine is for the issuer to say. One for several audiences is none of ours. */
function readOwnToken(text: string): OwnToken | undefined {
  if (text.length > longestToken) return undefined;
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  const { aud, exp } = (claims ?? {}) as { readonly aud?: unknown; readonly exp?: unknown };
  const [audience, ...others] = [aud].flat() as readonly unknown[];
  if (typeof audience !== 'string' || others.length > 0 || typeof exp !== 'number') return undefined;
  return { token: new Secret(text), audience, exp };
}

const failed = (message: string, retry: ActionFailure['retry']): Result<never, ActionFailure> =>
  err({ reason: 'TokenRequestFailed', message, retry });
