/** What calls `kubectl-grantor __complete` for each shell, and for kubectl. */
export const completionScripts = {
  bash: `_kubectl_grantor() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  local found
  found=$(kubectl-grantor __complete "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$word" 2>/dev/null | grep -v '^:' | cut -f1)
  COMPREPLY=($(compgen -W "$found" -- "$word"))
}
complete -F _kubectl_grantor kubectl-grantor
`,
  zsh: `#compdef kubectl-grantor
_kubectl_grantor() {
  local -a found
  local line
  while IFS=$'\\t' read -r name about; do
    [[ $name == :* ]] && continue
    found+=("\${name//:/\\\\:}\${about:+:$about}")
  done < <(kubectl-grantor __complete "\${words[@]:1:$((CURRENT - 2))}" "\${words[CURRENT]}" 2>/dev/null)
  _describe 'kubectl grantor' found
}
compdef _kubectl_grantor kubectl-grantor
`,
  fish: `complete -c kubectl-grantor -f -a '(kubectl-grantor __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null | string match -v ":*")'
`,
  kubectl: `#!/bin/sh
# Save as kubectl_complete-grantor on the PATH, executable: kubectl calls it for the completion of "kubectl grantor".
exec kubectl-grantor __complete "$@"
`,
} as const;

export type Shell = keyof typeof completionScripts;
