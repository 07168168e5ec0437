import { Option } from 'commander';
import { parseTimeout } from './cluster-flags.ts';

export const noWait = (): Option => new Option('--no-wait', 'ask for it, and do not wait until it is done');

export const timeoutFlag = (usual: string): Option =>
  new Option('--timeout <duration>', 'how long to wait until it is done')
    .default(parseTimeout(usual), usual)
    .argParser(parseTimeout);
