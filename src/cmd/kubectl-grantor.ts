#!/usr/bin/env node
import { printCandidates } from './kubectl/completion.ts';
import { kubectlGrantor } from './kubectl/program.ts';

// `kubectl grantor`, the plug-in of kubectl for people: kubectl finds it on the PATH by its name.
const program = kubectlGrantor();
const [first, ...words] = process.argv.slice(2);
// What shells ask goes past the parser, which would take flags that are being written for its own.
if (first === '__complete') await printCandidates(program, words);
else await program.parseAsync();
