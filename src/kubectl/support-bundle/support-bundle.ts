import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { formatInstant } from '../../std/instant.ts';
import { err, ok } from '../../std/result.ts';
import type { Outcome } from '../complaint.ts';
import { complaintOf } from '../complaint.ts';
import { withProgress } from '../progress.ts';
import { boundsOf, type Session } from '../session.ts';
import { collect } from './collect.ts';
import { tarOf } from './tar.ts';

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
  const reached = await session.kube.whoAmI(boundsOf(session));
  if (!reached.ok && reached.error.kind !== 'forbidden')
    return err(complaintOf(reached.error, { verb: 'create', kind: selfReviews }));
  const { entries, omitted } = await withProgress(session, 'collecting', () =>
    collect(session, grantorNamespace, version),
  );
  const now = session.clock.now();
  const name = file ?? `grantor-support-${formatInstant(now).replaceAll(':', '-')}.tar.gz`;
  const missing = { path: 'omitted.txt', text: omitted.map((line) => `${line}\n`).join('') };
  try {
    // Readable by nobody else, and never over a file that is there.
    await writeFile(name, gzipSync(tarOf([...entries, missing], now)), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    return err({
      exit: 'usage',
      message: `${name} cannot be written: ${code === 'EEXIST' ? 'it is there already' : code}`,
      remedy: 'name another file with --file',
    });
  }
  session.terminal.out(`${name}: ${entries.length} files`);
  for (const line of omitted) session.terminal.out(`not in it: ${line}`);
  return ok('fine');
}

const selfReviews = {
  group: 'authentication.k8s.io',
  plural: 'selfsubjectreviews',
  version: 'v1',
  namespaced: false,
};
