// Reads sets of files again and again, in a thread of its own, until it is told to stop. Tells what was wrong, and how much was seen.
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

const { target, stop } = workerData;
const flag = new Int32Array(stop);
const current = () => join(target, readlinkSync(join(target, '..data')));
const numbers = new Set();
const wrong = [];
let whole = 0;
while (Atomics.load(flag, 0) === 0) {
  // As a workload reads several files that belong together: it goes to the set that is there, and on where that went away meanwhile.
  const folder = current();
  try {
    const [token, expires, metadata] = ['token', 'expires_at', 'metadata.json'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    if (token !== expires.repeat(3000) || metadata !== expires) wrong.push(`mixed: ${expires} ${metadata}`);
    numbers.add(expires);
    whole++;
  } catch (error) {
    if (error.code !== 'ENOENT' || current() === folder) wrong.push(String(error));
  }
  try {
    // One file alone is never half.
    if (readFileSync(join(target, 'token'), 'utf8').length < 3000) wrong.push('half a file');
  } catch (error) {
    if (error.code !== 'ENOENT') wrong.push(String(error));
  }
}
parentPort.postMessage({ wrong, whole, different: numbers.size }, []);
