import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from '../../../tools/bundle/bundle-program.ts';
import { copyPrograms, packImage, pauseImage } from './image.ts';

const root = join(import.meta.dirname, '../../..');

/** No registry has it: what is not on a node is not to be pulled. */
export const grantorImage = 'grantor.test/grantor:1';

/** Packs Grantor as it is in this checkout the way Dockerfile does, with this Node and this machine's libraries; answers with the archive. */
export async function packGrantor(directory: string): Promise<string> {
  return inFolder(directory, async (stage) => {
    const [system, program] = [join(stage, 'system'), join(stage, 'program')];
    for (const folder of ['tmp', 'proc', 'sys', 'dev', 'etc'])
      mkdirSync(join(system, folder), { recursive: true });
    await copyPrograms(system, {
      '/nodejs/bin/node': process.execPath,
      '/usr/bin/mount': '/bin/mount',
      '/usr/bin/umount': '/bin/umount',
    });
    const { files } = await bundleProgram();
    mkdirSync(join(program, 'grantor'), { recursive: true });
    for (const [name, content] of files) writeFileSync(join(program, 'grantor', name), content);
    const archive = join(directory, 'grantor.tar');
    const config = {
      Entrypoint: entryPoint(),
      Env: ['PATH=/usr/bin:/bin', 'MALLOC_ARENA_MAX=1'],
      User: '65532:65532',
    };
    await packImage({ name: grantorImage, layers: [system, program], config }, archive);
    return archive;
  });
}

/** What runs in a pod's sandbox, from the folder of programs. */
export async function packPause(directory: string, pause: string): Promise<string> {
  return inFolder(directory, async (stage) => {
    copyFileSync(pause, join(stage, 'pause'));
    const archive = join(directory, 'pause.tar');
    await packImage({ name: pauseImage, layers: [stage], config: { Entrypoint: ['/pause'] } }, archive);
    return archive;
  });
}

/** That of Dockerfile: what is tested is what is shipped. */
function entryPoint(): string[] {
  const [, list] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  if (list === undefined) throw new Error('Dockerfile has no ENTRYPOINT in a line of its own');
  return JSON.parse(list) as string[];
}

async function inFolder<T>(directory: string, work: (stage: string) => Promise<T>): Promise<T> {
  mkdirSync(directory, { recursive: true });
  const stage = mkdtempSync(join(directory, 'rootfs-'));
  try {
    return await work(stage);
  } finally {
    rmSync(stage, { recursive: true });
  }
}
