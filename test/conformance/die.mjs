// Ends a plug-in as a power cut would, before its n-th call to the file system or to mount(8) that is about a volume: GRANTOR_TEST_DIE_AT says
// which. Plain JavaScript, because it is loaded before the program.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let left = Number(process.env['GRANTOR_TEST_DIE_AT']);
const isOfVolume = (args) => /\/(volumes|volumes-ro)\/csi-|kubernetes\.io~csi/.test(args.flat().join(' '));
const counted =
  (call) =>
  (...args) => {
    if (isOfVolume(args) && left-- <= 0) process.kill(process.pid, 'SIGKILL');
    return call(...args);
  };

for (const name of ['mkdir', 'rmdir']) fs.promises[name] = counted(fs.promises[name]);
for (const name of ['chmod', 'chown', 'mkdtemp', 'rename', 'rm', 'symlink', 'writeFile'])
  fs[`${name}Sync`] = counted(fs[`${name}Sync`]);
childProcess.execFile = counted(childProcess.execFile);
syncBuiltinESMExports();
