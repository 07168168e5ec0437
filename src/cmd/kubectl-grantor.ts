#!/usr/bin/env node
import { kubectlGrantor } from './kubectl/program.ts';

// `kubectl grantor`, the plug-in of kubectl for people: kubectl finds it on the PATH by its name.
await kubectlGrantor().parseAsync();
