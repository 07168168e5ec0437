/** Whether a text is a label as RFC 1123 has it, in small letters: what Kubernetes calls namespaces by. */
export const isDNSLabel = (text: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
