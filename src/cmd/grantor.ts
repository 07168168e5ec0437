#!/usr/bin/env node
import { Command } from 'commander';
import { controllerCommand } from './controller.ts';
import { issuerCommand } from './issuer.ts';
import { nodeCommand } from './node.ts';
import { version } from './version.ts';

// The program: one name, one subcommand for each thing that runs.
await new Command('grantor')
  .description('Short-lived, tenant-scoped OAuth 2.0 tokens for Kubernetes workloads.')
  .version(version)
  .addCommand(controllerCommand())
  .addCommand(nodeCommand())
  .addCommand(issuerCommand())
  // What is wrong with a command line is told in one line.
  .showSuggestionAfterError(false)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parseAsync();
