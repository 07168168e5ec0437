#!/usr/bin/env node
import { exitCodes } from '../kubectl/exit-codes.ts';
import { printCandidates } from './kubectl/completion.ts';
import { kubectlGrantor } from './kubectl/program.ts';

// `kubectl grantor`, the plug-in of kubectl for people: kubectl finds it on the PATH by its name.
const { node } = process.versions;
if (Number(node.split('.')[0]) < 24) {
  console.error(
    `error: kubectl grantor needs Node.js 24 or newer, and this is ${node}; put a newer one first on the PATH`,
  );
  process.exit(exitCodes.usage.code);
}
const program = kubectlGrantor();
const [first, ...words] = process.argv.slice(2);
// What shells ask goes past the parser, which would take flags that are being written for its own.
if (first === '__complete') await printCandidates(program, words);
else await program.parseAsync();
