/** A fragment of a secret this long is a leak. */
export const fragmentLength = 16;

/** A form in which a secret may be written down. */
export interface SecretForm {
  readonly encoding: string;
  readonly text: string;
}

/** Everything that a secret may look like in a text: as it is, and in URLs, JSON and base64, wherever in the encoded text it begins. */
export function formsOf(secret: string): SecretForm[] {
  const forms = [
    { encoding: 'raw', text: secret },
    { encoding: 'URL', text: encodeURIComponent(secret) },
    { encoding: 'JSON', text: JSON.stringify(secret).slice(1, -1) },
    ...[0, 1, 2].flatMap((alignment) => {
      const text = inBase64(secret, alignment);
      return [
        { encoding: `base64 (${alignment})`, text },
        { encoding: `base64url (${alignment})`, text: text.replaceAll('+', '-').replaceAll('/', '_') },
      ];
    }),
  ];
  // Most are the same as another one.
  return forms.filter(({ text }, at) => forms.findIndex((other) => other.text === text) === at);
}

/** The characters that a secret alone determines when `alignment` bytes of something else precede it in its group of three. */
function inBase64(secret: string, alignment: number): string {
  const bytes = Buffer.concat([Buffer.alloc(alignment), Buffer.from(secret)]);
  const first = Math.ceil((alignment * 8) / 6);
  const end = Math.floor((bytes.length * 8) / 6);
  return bytes.toString('base64').slice(first, end);
}

/** A P-256 key in PKCS #8 (RFC 5958), as far as it says what it is: the certificates say the same of their keys. */
const keyHeader = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg';

/**
 * How much of the beginning of a secret is known to everybody: the header of a JWT says which key and algorithm signed it, and is the
 * same in all tokens of an issuer (RFC 7519 section 5).
 */
export function publicPrefix(secret: string): number {
  if (secret.startsWith(keyHeader)) return keyHeader.length;
  const header = /^eyJ[\w-]*\.(?=eyJ[\w-]*\.[\w-]*$)/.exec(secret)?.[0];
  return header?.length ?? 0;
}
