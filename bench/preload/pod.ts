// Gives a program the ServiceAccount folder of its pod, which the kubelet would mount: reads below the well-known path go to the folder
// that GRANTOR_BENCH_POD names. The program has no switch for it.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const wellKnown = '/var/run/secrets/kubernetes.io/serviceaccount';
const folder = process.env['GRANTOR_BENCH_POD'] ?? wellKnown;
const { readFile } = fs.promises;

const redirected = (path: unknown): unknown =>
  typeof path === 'string' && path.startsWith(wellKnown) ? folder + path.slice(wellKnown.length) : path;

fs.promises.readFile = ((path: unknown, ...rest: []) =>
  readFile(redirected(path) as string, ...rest)) as typeof readFile;
syncBuiltinESMExports();
