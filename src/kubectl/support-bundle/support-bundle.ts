import { formatInstant } from '../../std/instant.ts';
import { ok } from '../../std/result.ts';
import { tarBlocks, tarEnd } from '../../std/tar.ts';
import type { Outcome } from '../complaint.ts';
import { withProgress } from '../progress.ts';
import { serverTime } from '../server-time.ts';
import type { Session } from '../session.ts';
import { collect, type File } from './collect.ts';
import { writeNewFile } from './write-new-file.ts';

export interface SupportBundleFlags {
  /** Made up of the time, if none is named. */
  readonly file?: string;
  readonly grantorNamespace: string;
}

/** `kubectl grantor support-bundle`: one file with all that helps, and nothing secret. */
export async function supportBundle(
  session: Session,
  { file, grantorNamespace }: SupportBundleFlags,
  version: string,
): Outcome {
  const reached = await serverTime(session);
  if (!reached.ok && reached.error.exit !== 'forbidden') return reached;
  const now = session.clock.now();
  const name = file ?? `grantor-support-${formatInstant(now).replaceAll(':', '-')}.tar.gz`;
  const omitted = new Set<string>();
  let files = 0;
  const blocksOf = ({ path, text }: File) =>
    tarBlocks({ path, mode: 0o600, content: Buffer.from(text) }, now);
  // Written as it comes: nothing holds all the logs of a cluster at once.
  async function* archive(): AsyncGenerator<Uint8Array> {
    for await (const piece of collect(session, grantorNamespace, version)) {
      if (piece.ok) yield* blocksOf(piece.value);
      else omitted.add(piece.error);
      files += piece.ok ? 1 : 0;
    }
    yield* blocksOf({ path: 'omitted.txt', text: Array.from(omitted, (line) => `${line}\n`).join('') });
    yield tarEnd();
  }
  const written = await withProgress(session, 'collecting', () => writeNewFile(name, archive()));
  if (!written.ok) return written;
  session.terminal.out(`${name}: ${files} files`);
  for (const line of omitted) session.terminal.out(`not in it: ${line}`);
  return ok('fine');
}
