import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';

/** What bash calls when somebody presses Tab, and what it is told then: the package bash-completion splits the words, which need not be there. */
const script = `
_init_completion() { words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD cur=\${COMP_WORDS[COMP_CWORD]}; }
compopt() { :; }
source <(kubectl completion bash)
read -ra COMP_WORDS <<< "$1"
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMP_TYPE=9
__start_kubectl
printf '%s\\n' "\${COMPREPLY[@]}"
`;

/** A bash in which kubectl's own completion is switched on. Answers with what it proposes for the last word of a line. */
export const pressTab =
  (kubectl: string, { bin, ...variables }: { readonly bin: string; readonly KUBECONFIG: string }) =>
  (line: string): string[] => {
    const PATH = [bin, dirname(kubectl), dirname(process.execPath), process.env['PATH']].join(':');
    const env = { ...process.env, ...variables, PATH };
    const printed = execFileSync('bash', ['--noprofile', '--norc', '-c', script, 'bash', line], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Without a description, and the space that bash itself would take for the end of the word.
    return printed
      .split('\n')
      .flatMap((one) => one.trim().split(/ +\(/, 1))
      .filter(Boolean);
  };
