import type { Command } from 'commander';

/** The flags as a program sees them, or what it says to the person. */
export function parseFlags(command: Command, flags: readonly string[]): object | string {
  let said = '';
  const silent = command
    .exitOverride()
    .configureOutput({ writeErr: (text) => (said += text) })
    .action(() => undefined);
  try {
    silent.parse(flags, { from: 'user' });
    return silent.opts();
  } catch {
    return said;
  }
}
