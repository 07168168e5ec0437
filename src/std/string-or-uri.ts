/**
 * Whether a text can be the `iss` of ServiceAccount tokens: a StringOrURI (RFC 7519 section 2), that is a URI if it has a colon in it.
 * The API server asks the same of its own.
 */
export const isStringOrURI = (text: string): boolean =>
  /^[!-~]{1,512}$/.test(text) && (!text.includes(':') || URL.canParse(text));
