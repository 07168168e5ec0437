import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** apt-get of this machine, with a state of its own: another release of Debian, and for another kind of machine. */
export interface Apt {
  /** Runs apt-get in `directory`; answers with what it prints. */
  run(directory: string, ...args: readonly string[]): Promise<string>;
}

/** Reads the lists of packages of `release`, which takes some seconds, into `directory`. Throws one sentence where that can't be done. */
export async function openApt(directory: string, release: string, architecture: string): Promise<Apt> {
  for (const folder of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(directory, folder), { recursive: true });
  writeFileSync(join(directory, 'sources.list'), await sourcesOf(release));
  const settings = Object.entries({
    'Dir::State': join(directory, 'state'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': join(directory, 'cache'),
    'Dir::Etc::sourcelist': join(directory, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    'APT::Sandbox::User': 'root',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const run = async (cwd: string, ...args: readonly string[]): Promise<string> => {
    const { stdout } = await aptGet(['-q', ...settings, ...args], cwd);
    return stdout;
  };
  await run(directory, 'update');
  return { run };
}

/** The mirrors that this machine's apt uses, whichever release it has itself, or that of DEBIAN_MIRROR. */
async function sourcesOf(release: string): Promise<string> {
  const own = process.env['DEBIAN_MIRROR'];
  const { stdout } =
    own === undefined ? await aptGet(['indextargets', '--format', '$(REPO_URI)']) : { stdout: own };
  const mirrors = new Set(stdout.split('\n').map((uri) => uri.replace(/\/$/, '')));
  const lines = [...mirrors].flatMap((uri) => {
    if (uri.endsWith('/debian')) return [`deb [${keyring}] ${uri} ${release} main`];
    if (uri.endsWith('/debian-security')) return [`deb [${keyring}] ${uri} ${release}-security main`];
    return [];
  });
  if (lines.length === 0)
    throw new Error('no mirror of Debian is known: set DEBIAN_MIRROR to the address of one');
  return `${lines.join('\n')}\n`;
}

const keyring = 'signed-by=/usr/share/keyrings/debian-archive-keyring.gpg';

async function aptGet(args: readonly string[], cwd?: string): Promise<{ readonly stdout: string }> {
  try {
    return await promisify(execFile)('apt-get', args, { cwd, maxBuffer: 1 << 26 });
  } catch (cause) {
    const { code, stderr = '' } = cause as { readonly code?: string | number; readonly stderr?: string };
    if (code === 'ENOENT')
      throw new Error('there is no apt-get: it takes Debian, or a container of it', { cause });
    const [complaint = 'it failed'] = stderr.match(/^E: .*/m) ?? [];
    throw new Error(`apt-get: ${complaint.replace(/^E: /, '')}`, { cause });
  }
}
