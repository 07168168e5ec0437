import { Option } from 'commander';

/** `-o`, for commands that print a table. */
export const tableOutput = (): Option =>
  new Option('-o, --output <format>', 'how to print it')
    .choices(['table', 'wide', 'json', 'yaml'])
    .default('table');

export const watchFlag = (): Option =>
  new Option('-w, --watch', 'look again every two seconds and print what changed').default(false);

export const noHeaders = (): Option => new Option('--no-headers', 'print the rows alone');

/** `-o`, for commands that print a text. */
export const textOutput = (): Option =>
  new Option('-o, --output <format>', 'how to print it').choices(['text', 'json', 'yaml']).default('text');
