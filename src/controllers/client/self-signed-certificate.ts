import { createHash, type KeyPairKeyObjectResult, sign } from 'node:crypto';

/*
 * As much of X.509 (RFC 5280) as it takes to show a key in a TLS handshake. Who registers such a certificate compares it byte by byte
 * (RFC 8705 section 2.2), so it says nothing but the key: its name is that of the key, and it has no end, which is for the registration.
 */

const tag = {
  integer: 0x02,
  bits: 0x03,
  oid: 0x06,
  text: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const ecdsaWithSHA256 = sequence(der(tag.oid, Buffer.from('2a8648ce3d040302', 'hex')));
const commonName = der(tag.oid, Buffer.from('550403', 'hex'));
/** RFC 5280 section 4.1.2.5: no well-defined end. Dates before 2050 have another form there. */
const always = sequence(
  der(0x17, Buffer.from('260101000000Z')),
  der(tag.time, Buffer.from('99991231235959Z')),
);

/** A certificate of an elliptic curve key that it signed itself, DER. */
export function selfSignedCertificate({ privateKey, publicKey }: KeyPairKeyObjectResult): Buffer {
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const digest = createHash('sha256').update(key).digest();
  const name = sequence(
    der(tag.set, sequence(commonName, der(tag.text, Buffer.from(digest.toString('hex').slice(0, 32))))),
  );
  // Positive, and of 20 bytes at most.
  const serial = der(tag.integer, Buffer.from([0x01, ...digest.subarray(0, 16)]));
  const certificate = sequence(serial, ecdsaWithSHA256, name, always, name, key);
  const signature = der(tag.bits, Buffer.from([0]), sign('sha256', certificate, privateKey));
  return sequence(certificate, ecdsaWithSHA256, signature);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(tag.sequence, ...parts);
}

/** One value in DER (X.690): tag, length, content of less than 64 KiB. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 128 ? [length] : long)]), content]);
}
