// Gives a program the ServiceAccount folder of its pod, which the kubelet would mount: reads below the well-known path go to the folder
// that GRANTOR_BENCH_POD names. The program has no switch for it. Plain JavaScript, since Node's compiler for types would be measured too.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const wellKnown = '/var/run/secrets/kubernetes.io/serviceaccount';
const folder = process.env['GRANTOR_BENCH_POD'] ?? wellKnown;
const { readFile } = fs.promises;

fs.promises.readFile = (path, ...rest) => {
  const isBelow = typeof path === 'string' && path.startsWith(wellKnown);
  return readFile(isBelow ? folder + path.slice(wellKnown.length) : path, ...rest);
};
syncBuiltinESMExports();
