import type { Command, Option } from 'commander';

/** Where names of the cluster come from. All of it may fail: then there are no candidates. */
export interface CompletionSource {
  namespaces(): Promise<readonly string[]>;
  contexts(): Promise<readonly string[]>;
  /** `oauthclient/billing` … of every kind, or of one that was begun. */
  objects(begun: string): Promise<readonly string[]>;
}

/** What a flag that was written before says; `--flag value` and `--flag=value` are one. */
export type Written = Readonly<Record<string, string>>;

export interface Completion {
  /** `name<TAB>what it is`. */
  readonly candidates: readonly string[];
  /** As Cobra writes it: 4 means that files are no candidates, 2 that the word goes on. */
  readonly directive: number;
}

const noFiles = 4;
const goesOn = 2;

/** Candidates for the last of `words`, which is being written. */
export async function complete(
  program: Command,
  words: readonly string[],
  source: (written: Written) => CompletionSource,
): Promise<Completion> {
  const word = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, written, awaiting, positional } = read(program, before);
  const from = source(written);
  const answer = (candidates: readonly string[], directive = noFiles): Completion => ({
    candidates: candidates.filter((candidate) => candidate.startsWith(word)),
    directive,
  });
  try {
    if (awaiting !== undefined) return answer(await valuesOf(awaiting, from));
    if (word.startsWith('-')) return answer(flagsOf(program, command).flatMap(namesOf));
    if (command === undefined)
      return answer(program.commands.map((one) => `${one.name()}\t${firstSentence(one.description())}`));
    const argument = command.registeredArguments[positional];
    if (argument === undefined) return answer([]);
    if (argument.argChoices) return answer(argument.argChoices);
    const objects = await from.objects(word);
    return answer(objects, objects.some((name) => name.endsWith('/')) ? noFiles | goesOn : noFiles);
  } catch {
    return answer([]);
  }
}

interface Reading {
  readonly command: Command | undefined;
  readonly written: Written;
  /** The flag whose value comes next. */
  readonly awaiting: Option | undefined;
  /** How many arguments were written. */
  readonly positional: number;
}

function read(program: Command, words: readonly string[]): Reading {
  const written: Record<string, string> = {};
  let command: Command | undefined;
  let awaiting: Option | undefined;
  let positional = 0;
  for (const word of words) {
    if (awaiting !== undefined) {
      written[awaiting.attributeName()] = word;
      awaiting = undefined;
    } else if (word.startsWith('-')) {
      const [name, ...value] = word.split('=');
      const option = flagsOf(program, command).find(({ short, long }) => short === name || long === name);
      if (option === undefined) continue;
      if (value.length > 0) written[option.attributeName()] = value.join('=');
      else if (option.required) awaiting = option;
      else written[option.attributeName()] = 'true';
    } else if (command === undefined) command = program.commands.find((one) => one.name() === word);
    else positional++;
  }
  return { command, written, awaiting, positional };
}

const valuesOf = (option: Option, from: CompletionSource): Promise<readonly string[]> => {
  if (option.argChoices) return Promise.resolve(option.argChoices);
  if (option.long === '--namespace') return from.namespaces();
  return option.long === '--context' ? from.contexts() : Promise.resolve([]);
};

const flagsOf = (program: Command, command: Command | undefined): readonly Option[] => [
  ...(command?.options ?? []),
  ...program.options,
];

const namesOf = ({ long, description }: Option): string[] =>
  long === null || long === undefined ? [] : [`${long}\t${firstSentence(description)}`];

const firstSentence = (text: string): string => text.split(/[.:] /, 1)[0]?.replace(/\.$/, '') ?? '';
