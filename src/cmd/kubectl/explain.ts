import { Command } from 'commander';
import { type ExplainFlags } from '../../kubectl/explain/explain.ts';
import { textOutput } from './output-flags.ts';
import { inSession } from './run.ts';

/** `kubectl grantor explain`. */
export const explainCommand = (): Command =>
  new Command('explain')
    .description(
      'Why an object is refused or not ready, which field is at fault, what would be allowed, and what to do: for each condition its next step.',
    )
    .argument('<kind/name>', 'the object, such as wib/billing-api')
    .addOption(textOutput())
    .action(
      inSession<ExplainFlags>(async (session, flags, [name = '']) => {
        const { explain } = await import('../../kubectl/explain/explain.ts');
        return explain(session, flags, name);
      }),
    );
